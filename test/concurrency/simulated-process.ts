import type { Runtime } from '../../src/kernel/runtime.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { decorate, type StoreCall } from '../../src/storage/decorators/forward.ts';

/** A machine's process in simulated time: what it does goes through its own view of the store and of the time. */
export interface SimulatedProcess {
  readonly runtime: Runtime;
  readonly store: ObjectStore;
  /** Calls of the store that have begun. */
  readonly calls: number;
  /** Like SIGSTOP: no call begins or returns, nobody who sleeps wakes. */
  freeze(): void;
  /** Like SIGCONT. */
  thaw(): void;
  /** Sets its clock by so many milliseconds, forward or back; the store's stays. */
  jump(ms: number): void;
  /** Like SIGKILL: nothing it waits for ever returns. */
  kill(): void;
  /** What the work comes to; `killed` when the process dies before. */
  run<T>(work: () => Promise<T>): Promise<T | typeof killed>;
}

export const killed = Symbol('killed');

export interface NumberedCall extends StoreCall {
  /** From 0 on, in the order in which calls began. */
  readonly number: number;
}

/** What happens to a process at its calls of the store. */
export interface ProcessFate {
  /** Runs before a call takes effect, and after it did, before its answer is there. */
  readonly around?: (call: NumberedCall, when: 'before' | 'after', process: SimulatedProcess) => void | Promise<void>;
}

const never = new Promise<never>(() => undefined);

/** Randomness is that of `runtime`; `store` is shared with other processes. */
export function simulatedProcess(
  { runtime, store }: { readonly runtime: Runtime; readonly store: ObjectStore },
  fate: ProcessFate = {},
): SimulatedProcess {
  let calls = 0;
  let ahead = 0;
  let isDead = false;
  let ended = (): void => undefined;
  const end = new Promise<typeof killed>((resolve) => {
    ended = () => resolve(killed);
  });
  let frozen: Promise<void> | undefined;
  let wake = (): void => undefined;

  /** Passes while the process runs. */
  async function running(): Promise<void> {
    while (frozen) await frozen;
    if (isDead) await never;
  }
  async function meet(call: NumberedCall, when: 'before' | 'after'): Promise<void> {
    await fate.around?.(call, when, self);
    await running();
  }
  async function begin(asked: StoreCall): Promise<NumberedCall> {
    await running();
    const call = { ...asked, number: calls++ };
    await meet(call, 'before');
    return call;
  }
  async function around<T>(asked: StoreCall, work: () => Promise<T>): Promise<T> {
    const call = await begin(asked);
    try {
      return await work();
    } finally {
      await meet(call, 'after');
    }
  }
  async function* list(prefix: string): ReturnType<ObjectStore['list']> {
    const call = await begin({ method: 'list', key: prefix });
    for await (const stored of store.list(prefix)) {
      await running();
      yield stored;
    }
    await meet(call, 'after');
  }
  const { clock, random } = runtime;
  const self: SimulatedProcess = {
    runtime: {
      random,
      clock: {
        now: () => clock.now() + ahead,
        async sleep(ms, signal, options) {
          await clock.sleep(ms, signal, options);
          await running();
        },
      },
    },
    store: decorate(store, around, list),
    get calls() {
      return calls;
    },
    freeze() {
      frozen ??= new Promise((resolve) => {
        wake = resolve;
      });
    },
    thaw() {
      frozen = undefined;
      wake();
    },
    jump(ms) {
      ahead += ms;
    },
    kill() {
      isDead = true;
      ended();
    },
    run: (work) => Promise.race([work(), end]),
  };
  return self;
}
