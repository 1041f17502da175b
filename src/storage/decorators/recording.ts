import type { ObjectStore } from '../contract.ts';
import { decorate, type StoreCall, type StoreMethod } from './forward.ts';

export interface RecordedCall {
  readonly method: StoreMethod;
  readonly key: string;
  /** Of a put. */
  readonly bytes?: number;
}

export interface RecordingStore extends ObjectStore {
  /** In the order in which they began. */
  readonly calls: readonly RecordedCall[];
}

export interface CrashPoint {
  /** Index into `calls`, counting only those of `methods`. */
  readonly call: number;
  /** `before`: the call has no effect. `after`: it took effect, nobody heard of it. */
  readonly when: 'before' | 'after';
}

export interface RecordingSettings {
  /** Default: those that change something. */
  readonly methods?: readonly StoreMethod[];
  readonly crash?: CrashPoint;
  /** Runs at the crash point, before anything is thrown: where a real process ends itself. */
  readonly onCrash?: () => void;
}

/** What one process does to its stores, as one sequence of calls. */
export interface Recorder {
  readonly calls: readonly RecordedCall[];
  over(store: ObjectStore): ObjectStore;
}

const crashName = 'StoreCrash';

/** True for what a crashed store throws: no HoldfastError, so that no code under test treats it as a known failure. */
export function isCrash(error: unknown): boolean {
  return error instanceof Error && error.name === crashName;
}

/** A recorder over one store. */
export function withRecording(store: ObjectStore, settings: RecordingSettings = {}): RecordingStore {
  const recorder = createRecorder(settings);
  return { ...recorder.over(store), calls: recorder.calls };
}

/**
 * Records the calls of the given methods and, at a crash point, behaves as if the process died there: that call and every
 * later one of any method on any of its stores throws, and changes nothing more.
 */
export function createRecorder(settings: RecordingSettings): Recorder {
  const methods = settings.methods ?? ['put', 'delete', 'extendLock'];
  const calls: RecordedCall[] = [];
  let dead: Error | undefined;

  /** True when the process dies right after this call. */
  function begin(call: StoreCall): boolean {
    if (dead) throw dead;
    if (!methods.includes(call.method)) return false;
    const bytes = call.parts?.reduce((sum, part) => sum + part.byteLength, 0);
    const isLast = settings.crash?.call === calls.length;
    calls.push({ method: call.method, key: call.key, ...(bytes === undefined ? {} : { bytes }) });
    if (isLast && settings.crash?.when === 'before') die(call);
    return isLast;
  }
  function die(call: StoreCall): never {
    settings.onCrash?.();
    const error = new Error(
      `crashed ${settings.crash?.when ?? ''} call ${calls.length - 1}: ${call.method} ${call.key}`,
    );
    error.name = crashName;
    dead = error;
    throw error;
  }
  async function around<T>(call: StoreCall, work: () => Promise<T>): Promise<T> {
    const isLast = begin(call);
    const result = await work();
    if (isLast) die(call);
    // The process died while this call was under way: it took effect, but its caller is no more.
    if (dead) throw dead;
    return result;
  }
  async function* listing(store: ObjectStore, prefix: string): ReturnType<ObjectStore['list']> {
    const call: StoreCall = { method: 'list', key: prefix };
    const isLast = begin(call);
    try {
      for await (const object of store.list(prefix)) {
        if (dead) throw dead;
        yield object;
      }
    } finally {
      // Also of a listing that nobody wanted to hear to its end.
      if (isLast && !dead) die(call);
    }
  }
  return { calls, over: (store) => decorate(store, around, (prefix) => listing(store, prefix)) };
}
