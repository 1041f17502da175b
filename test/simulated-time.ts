import { createHash } from 'node:crypto';
import type { Runtime } from '../src/kernel/runtime.ts';

interface Timer {
  readonly at: number;
  readonly background: boolean;
  readonly go: () => void;
}

/**
 * A runtime whose time passes only while somebody sleeps: when nothing else is left to do, the clock jumps to the next
 * one to wake. Who waits in the background is woken on the way, and moves nothing. Random bytes follow from the seed.
 */
export function simulatedRuntime(seed: number, startAt = Date.UTC(2026, 10, 20)): Runtime {
  const timers: Timer[] = [];
  let now = startAt;
  let drawn = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || timers.every(({ background }) => background)) return;
    scheduled = true;
    // Two turns of the event loop: what became ready with the last jump comes first.
    setImmediate(() => setImmediate(advance));
  }
  function advance(): void {
    scheduled = false;
    timers.sort((a, b) => a.at - b.at);
    const next = timers.shift();
    if (!next) return;
    now = Math.max(now, next.at);
    next.go();
    schedule();
  }
  return {
    clock: {
      now: () => now,
      sleep(ms, signal, { background = false } = {}) {
        signal?.throwIfAborted();
        return new Promise((go) => {
          timers.push({ at: now + Math.ceil(ms), background, go });
          schedule();
        });
      },
    },
    random: {
      bytes(length) {
        const parts: Buffer[] = [];
        for (let made = 0; made < length; made += 32)
          parts.push(createHash('sha256').update(`${seed}/${drawn++}`).digest());
        return Uint8Array.from(Buffer.concat(parts).subarray(0, length));
      },
    },
  };
}
