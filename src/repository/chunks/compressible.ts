import { concatBytes } from '../../kernel/bytes.ts';
import { compressZstd } from './zstd.ts';

/** Whether compressed bytes are stored in place of the plain ones (docs/format.md 3.4). */
export function isWorthIt(compressed: number, plain: number): boolean {
  return compressed < plain - plain / 64;
}

const pieces = 4;
const pieceBytes = 16 * 1024;
const shortest = 256 * 1024;
const counted = 4 * 1024;
// Squares of counts over those of bytes that are all equally frequent: random bytes give 1.02, text and programs 3 and more.
const evenness = 1.25;

/**
 * Four pieces tell of media and archives that nothing is to be won, for a small part of what finding out would cost. Only bytes
 * that are all about equally frequent are suspected, and only a trial convicts them. True for anything short.
 */
export function looksCompressible(bytes: Uint8Array, level: number): boolean {
  if (bytes.length < shortest) return true;
  const stride = Math.floor((bytes.length - pieceBytes) / (pieces - 1));
  const sample = Array.from({ length: pieces }, (_, i) => bytes.subarray(i * stride, i * stride + pieceBytes));
  if (!isEven(sample.map((piece) => piece.subarray(0, counted)))) return true;
  const trial = concatBytes(sample);
  return isWorthIt(compressZstd(trial, level).length, trial.length);
}

function isEven(sample: readonly Uint8Array[]): boolean {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const piece of sample) {
    for (const byte of piece) counts[byte] = (counts[byte] as number) + 1;
    total += piece.length;
  }
  const squares = counts.reduce((sum, count) => sum + count * count, 0);
  return (squares * counts.length) / (total * total) < evenness;
}
