import { createHash } from 'node:crypto';
import { runs } from '../runs.ts';

// The laws of the engine, each tried on so many cases. The tests beside the code try more kinds of one thing.
export const numRuns = runs(1000, 100_000);
export const settings = { numRuns };

/** 64 bytes that this text stands for. */
export function digest(text: string): Buffer {
  return createHash('sha512').update(text).digest();
}
