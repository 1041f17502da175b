import { asBuffer } from '../../kernel/bytes.ts';
import type { ConnectorContext } from '../contract.ts';

/** A batch that DynamoDB leaves wholly unprocessed this often is given up: about two minutes with the pauses. */
export const roundsWithoutProgress = 25;

const firstPauseMs = 50;
const longestPauseMs = 10_000;

/** Exponential back-off with jitter for what a batch left unprocessed, as DynamoDB asks for. */
export async function pauseAfter(context: ConnectorContext, round: number): Promise<void> {
  const bound = Math.min(firstPauseMs * 2 ** (round - 1), longestPauseMs);
  const fraction = asBuffer(context.runtime.random.bytes(4)).readUInt32LE() / 2 ** 32;
  await context.runtime.clock.sleep(Math.round(bound * (0.5 + fraction / 2)), context.signal);
}
