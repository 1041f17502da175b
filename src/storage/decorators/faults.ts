import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../contract.ts';
import { decorate, type StoreCall, type StoreMethod } from './forward.ts';

/** What goes wrong with calls that match. Faults are tried in order; the first that still has times left is used. */
export interface StoreFault {
  /** Absent: every method. */
  readonly method?: StoreMethod;
  readonly match?: (call: StoreCall) => boolean;
  /** Matching calls that pass before the fault begins. */
  readonly skip?: number;
  /** How often it happens; default 1. */
  readonly times?: number;
  /** `before` (default): nothing happened. `after`: the call took effect, and then its answer was lost. */
  readonly when?: 'before' | 'after';
  /** What is thrown. Absent: nothing, only the other effects. */
  readonly error?: ErrorCode | (() => Error);
  readonly sleepMs?: number;
  /** Runs at the moment of the fault: what another writer did meanwhile. */
  readonly callback?: (call: StoreCall) => void | Promise<void>;
  /** Changes the bytes a get returns: damage, truncation. */
  readonly garble?: (bytes: Uint8Array) => Uint8Array;
}

export interface FaultyStore extends ObjectStore {
  addFault(fault: StoreFault): void;
  clearFaults(): void;
}

interface Armed {
  readonly fault: StoreFault;
  skip: number;
  left: number;
}

/** A store whose calls fail by script; for tests, and for nothing else. */
export function withFaults(
  store: ObjectStore,
  settings: { readonly runtime: Runtime; readonly faults?: readonly StoreFault[] },
): FaultyStore {
  let armed: Armed[] = (settings.faults ?? []).map(arm);

  function pick(call: StoreCall): StoreFault | undefined {
    for (const candidate of armed) {
      const { fault } = candidate;
      if (fault.method !== undefined && fault.method !== call.method) continue;
      if (candidate.left <= 0 || fault.match?.(call) === false) continue;
      if (candidate.skip > 0) {
        candidate.skip--;
        continue;
      }
      candidate.left--;
      return fault;
    }
    return undefined;
  }
  async function strike(fault: StoreFault, call: StoreCall): Promise<void> {
    if (fault.sleepMs !== undefined) await settings.runtime.clock.sleep(fault.sleepMs);
    await fault.callback?.(call);
    if (typeof fault.error === 'function') throw fault.error();
    if (fault.error !== undefined) {
      throw new HoldfastError(fault.error, `scripted fault ${fault.when ?? 'before'} ${call.method} of ${call.key}`, {
        resource: call.key,
      });
    }
  }
  async function around<T>(call: StoreCall, work: () => Promise<T>): Promise<T> {
    const fault = pick(call);
    if (fault === undefined) return await work();
    if (fault.when !== 'after') await strike(fault, call);
    const result = await work();
    if (fault.when === 'after') await strike(fault, call);
    return fault.garble !== undefined && result instanceof Uint8Array ? (fault.garble(result) as T) : result;
  }
  async function* list(prefix: string): ReturnType<typeof store.list> {
    const call: StoreCall = { method: 'list', key: prefix };
    const fault = pick(call);
    if (fault !== undefined && fault.when !== 'after') await strike(fault, call);
    yield* store.list(prefix);
    if (fault?.when === 'after') await strike(fault, call);
  }
  return {
    ...decorate(store, around, list),
    addFault(fault) {
      armed.push(arm(fault));
    },
    clearFaults() {
      armed = [];
    },
  };
}

function arm(fault: StoreFault): Armed {
  return { fault, skip: fault.skip ?? 0, left: fault.times ?? 1 };
}
