import type { Clock } from '../../kernel/runtime.ts';
import type { Connection } from './connection.ts';
import { microseconds } from './dump.ts';
import type { RedisOptions } from './options.ts';

/** How much the server is asked for at a time. */
export interface Pace {
  /** Keys that the next batch may have. */
  readonly keys: number;
  /** A batch of so many keys held the server for so long (microseconds); waits until the next one may be sent. */
  done(keys: number, heldFor: number): Promise<void>;
  /** The round trips that were measured in between (microseconds). */
  felt(roundTrips: readonly number[]): void;
}

/** Microseconds that a batch may hold the server, whatever the latency to it is. */
const [shortestHold, longestHold] = [20, 1000];
/** Above this multiple of the latency before, batches shrink. */
const tolerated = 1.5;

/**
 * Whoever asks while a batch is at work waits for it. A batch that holds the server for at most half of what a round trip
 * takes keeps everybody below one and a half times that. How long it held the server, the server itself says (TIME
 * before and after, `dumpKeys`): what this process is busy with meanwhile does not count. Lists of keys and their sizes are
 * asked for in the same measure.
 */
export function createPace(
  options: Pick<RedisOptions, 'pipeline' | 'share' | 'keysPerSecond' | 'pause'>,
  { clock, signal, latency }: { readonly clock: Clock; readonly signal: AbortSignal; readonly latency: number },
): Pace {
  const full = Math.min(Math.max(latency / 2, shortestHold), longestHold);
  let hold = full;
  let keys = Math.min(16, options.pipeline);
  let debt = 0;
  let paidUntil = clock.now();
  return {
    get keys() {
      return keys;
    },
    async done(count, heldFor) {
      if (count > 0 && heldFor > 0) {
        // At most twice as many: one batch of small keys says little about the next.
        const fitting = Math.min(Math.floor((hold / heldFor) * count), count * 2);
        keys = Math.min(Math.max(fitting, 1), options.pipeline);
      }
      debt += (heldFor / 1000) * (1 / options.share - 1) + options.pause;
      const { keysPerSecond } = options;
      if (keysPerSecond !== undefined) {
        paidUntil = Math.max(paidUntil, clock.now()) + (count / keysPerSecond) * 1000;
        debt = Math.max(debt, paidUntil - clock.now());
      }
      if (debt < 1) return;
      const whole = Math.floor(debt);
      debt -= whole;
      await clock.sleep(whole, signal);
    },
    felt(roundTrips) {
      const isStrained = percentile(roundTrips, 0.5) > latency * tolerated;
      hold = isStrained ? Math.max(hold / 2, shortestHold) : Math.min(hold * 1.25, full);
    },
  };
}

/** Round trips in microseconds, told by the server's own clock between one question and the next. */
export async function roundTrips(connection: Connection, count: number): Promise<number[]> {
  const times: number[] = [];
  let last = microseconds(await connection.ask('ask for the time (TIME)', 'TIME'));
  for (let i = 0; i < count; i++) {
    const now = microseconds(await connection.ask('ask for the time (TIME)', 'TIME'));
    times.push(now - last);
    last = now;
  }
  return times;
}

/** 0.99: so many of the values are not above the result. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
}
