import type { Clock } from '../../../kernel/runtime.ts';
import type { Answer, Exchange, ExchangeWatch } from './transport.ts';

/** Sends reads, and a second time those whose answer is late: the first answer that begins is taken. */
export interface Hedge {
  run(begin: (watch: ExchangeWatch) => Exchange): Promise<Answer>;
  readonly hedged: number;
}

export interface HedgeSettings {
  readonly clock: Clock;
  /** No second request before this many ms, however fast the store usually is; default 50. */
  readonly leastMs?: number;
}

// Second requests are at most so many of all reads, so that an overloaded store gets hardly more of them.
const share = 0.05;
const mostSaved = 8;
const remembered = 256;
const enough = 64;
const recomputedAfter = 32;

interface Pending {
  readonly sentAt: number;
  readonly late: () => void;
}

/**
 * Tail latency by hedged requests (Dean and Barroso, The Tail at Scale, 2013): what is not answered within the time that
 * 95 of 100 reads need is asked for again.
 */
export function createHedge({ clock, leastMs = 50 }: HedgeSettings): Hedge {
  const latencies = new Float64Array(remembered);
  const waiting = new Set<Pending>();
  let measured = 0;
  let threshold = Infinity;
  let tokens = 1;
  let hedged = 0;
  let watching = false;

  function learn(ms: number): void {
    latencies[measured++ % remembered] = ms;
    if (measured < enough || measured % recomputedAfter !== 0) return;
    const sorted = latencies.slice(0, Math.min(measured, remembered)).sort();
    threshold = Math.max(leastMs, sorted[Math.floor(sorted.length * 0.95)] as number);
  }
  /** One timer for all: a set keeps the order in which they were sent, so the first is the next that may be late. */
  async function watch(): Promise<void> {
    watching = true;
    for (const pending of waiting) {
      const due = pending.sentAt + threshold - clock.now();
      if (due > 0) await clock.sleep(due);
      if (!waiting.delete(pending)) continue;
      if (tokens >= 1) pending.late();
    }
    watching = false;
  }
  function sent(late: () => void): Pending {
    const pending: Pending = { sentAt: clock.now(), late };
    if (threshold < Infinity) {
      waiting.add(pending);
      if (!watching) void watch();
    }
    return pending;
  }
  return {
    run(begin) {
      tokens = Math.min(mostSaved, tokens + share);
      return new Promise((resolve, reject) => {
        const lanes: Exchange[] = [];
        let failed = 0;
        let taken = false;
        let pending: Pending | undefined;

        function add(): void {
          const lane = begin({
            sent: () => {
              if (lanes.length <= 1) pending = sent(second);
            },
            began: (status) => {
              // A refusal is no answer to be glad of while the other request is on its way.
              if (taken || (status >= 500 && lanes.length - failed > 1)) return;
              taken = true;
              if (pending) {
                waiting.delete(pending);
                learn(clock.now() - pending.sentAt);
              }
              for (const other of lanes) if (other !== lane) other.abort(superfluous);
            },
          });
          lanes.push(lane);
          lane.answer.then(
            (answer) => (answer.status >= 500 && lanes.length - failed > 1 ? fail(undefined) : resolve(answer)),
            fail,
          );
        }
        function fail(error: unknown): void {
          failed++;
          if (pending) waiting.delete(pending);
          if (failed === lanes.length) reject(error);
        }
        function second(): void {
          tokens -= 1;
          hedged++;
          add();
        }
        add();
      });
    },
    get hedged() {
      return hedged;
    },
  };
}

const superfluous = new Error('another request for the same was answered first');
