import { Worker } from 'node:worker_threads';
import { HoldfastError } from '../../kernel/errors.ts';
import type { SealedGroup } from '../chunks/grouper.ts';
import { createHandler } from './handler.ts';
import type { FromWorker, StagedPack, StagedPacksSetup, StoredItem, ToWorker, WorkerSetup } from './messages.ts';

export interface PoolSettings {
  /** Threads; 0: everything in this thread, for tests and tiny machines. */
  readonly workers: number;
  readonly setup: Omit<WorkerSetup, 'writer' | 'segments' | 'inFlight' | 'inFlightLimit'>;
  /** The shared chunk table's segments as they are when a worker starts. */
  readonly segments: () => readonly SharedArrayBuffer[];
  readonly inFlightLimit: number;
}

type Job<Type extends ToWorker['type']> = Omit<Extract<ToWorker, { type: Type }>, 'job'>;
export type WorkerJob = Job<'store'> | Job<'piece'> | Job<'flush'> | Job<'extract'> | Job<'check'> | Job<'open'>;

export interface PoolSession {
  readonly packKey: Uint8Array;
  /** Undefined: data groups come back as others do. */
  readonly staged: StagedPacksSetup | undefined;
  /** Takes groups, one at a time; a rejection ends every job. */
  readonly onGroup: (group: SealedGroup) => Promise<void>;
  readonly onPack: (pack: StagedPack) => void;
  /** Told how many chunks were put into packs that are still being written. */
  readonly onClaimed: (chunks: number) => void;
  /** Runs once the threads have stopped: what they had begun is nobody's any more. */
  readonly onClose: () => Promise<void>;
}

/** Worker threads, started when first needed. Jobs go to the thread with the fewest, or to the one named. */
export interface Pool {
  run(
    job: WorkerJob,
    options?: { readonly thread?: number; readonly transfer?: readonly ArrayBuffer[] },
  ): Promise<readonly StoredItem[]>;
  /** A thread number for work that must stay together. */
  pick(): number;
  /** A number for a stream of pieces: threads keep streams of all content writers apart by it. */
  nextStream(): number;
  /** Begins a session: what comes of its jobs goes to its handlers. */
  beginSession(session: PoolSession): void;
  addSegment(segment: SharedArrayBuffer): void;
  dropStream(thread: number, stream: number): void;
  /** Flushes every thread and waits until `onGroup` took all groups. */
  flush(): Promise<void>;
  readonly threads: number;
  readonly jobs: number;
  close(): Promise<void>;
}

interface Thread {
  readonly post: (message: ToWorker, transfer: readonly ArrayBuffer[]) => void;
  readonly pending: Map<number, { resolve: (items: readonly StoredItem[]) => void; reject: (error: unknown) => void }>;
  readonly stop: () => Promise<unknown>;
}

export function createPool(settings: PoolSettings): Pool {
  const inFlight = new Int32Array(new SharedArrayBuffer(4));
  const threads: Thread[] = [];
  const wanted = Math.max(1, settings.workers);
  let jobs = 0;
  let streams = 0;
  let session: PoolSession | undefined;
  let groups: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | undefined;

  function fail(error: unknown): void {
    failed ??= { error };
    for (const thread of threads) {
      for (const { reject } of thread.pending.values()) reject(error);
      thread.pending.clear();
    }
  }
  function takeGroup(group: SealedGroup): void {
    const { length } = group;
    groups = groups.then(async () => {
      try {
        if (!failed) await session?.onGroup(group);
      } catch (error) {
        fail(error);
      } finally {
        Atomics.sub(inFlight, 0, length);
        Atomics.notify(inFlight, 0);
      }
    });
  }
  function receive(thread: Thread, message: FromWorker): void {
    if (message.type === 'group') {
      takeGroup(message.group);
      return;
    }
    if (message.type === 'claimed') {
      session?.onClaimed(message.chunks);
      return;
    }
    if (message.type === 'pack') {
      session?.onPack(message.pack);
      return;
    }
    const waiting = thread.pending.get(message.job);
    thread.pending.delete(message.job);
    if (message.type === 'done') waiting?.resolve(message.items);
    else {
      const { code, message: text, hint } = message.error;
      const error = new HoldfastError(code, text, hint === undefined ? {} : { hint });
      waiting?.reject(error);
      // Chunks that the job had claimed in the shared table may be lost with it: nobody may count on them, so all end.
      fail(error);
    }
  }
  function startThread(): Thread {
    const setup: WorkerSetup = {
      ...settings.setup,
      writer: threads.length + 1,
      segments: settings.segments(),
      inFlight: inFlight.buffer,
      inFlightLimit: settings.inFlightLimit,
    };
    const pending: Thread['pending'] = new Map();
    const thread = settings.workers === 0 ? inThisThread(setup) : inWorker(setup);
    threads.push(thread);
    if (session) thread.post(beginning(session), []);
    return thread;

    function inThisThread(own: WorkerSetup): Thread {
      const made: Thread = { pending, stop: () => Promise.resolve(), post: (message) => handle(message) };
      const handle = createHandler(
        own,
        (message) => receive(made, message),
        (group) => {
          Atomics.add(inFlight, 0, group.length);
          takeGroup(group);
        },
      );
      return made;
    }
    function inWorker(own: WorkerSetup): Thread {
      const worker = new Worker(workerFile(), { workerData: own, resourceLimits: { maxYoungGenerationSizeMb: 8 } });
      worker.unref();
      const made: Thread = {
        pending,
        stop: () => worker.terminate(),
        post: (message, transfer) => {
          worker.ref();
          worker.postMessage(message, transfer);
        },
      };
      worker.on('message', (message: FromWorker) => {
        receive(made, message);
        if (pending.size === 0) worker.unref();
      });
      worker.on('error', (error) => fail(error));
      worker.on('exit', (code) => {
        if (pending.size > 0) fail(new HoldfastError('internal.bug', `a worker thread ended with ${code}`));
      });
      return made;
    }
  }
  function threadAt(index: number): Thread {
    while (threads.length <= index) startThread();
    return threads[index] as Thread;
  }
  function pick(): number {
    if (threads.length < wanted && threads.every((thread) => thread.pending.size > 0)) {
      startThread();
      return threads.length - 1;
    }
    let best = 0;
    threads.forEach((thread, i) => {
      if (thread.pending.size < (threads[best] as Thread).pending.size) best = i;
    });
    return best;
  }
  const pool: Pool = {
    async run(job, options = {}) {
      if (failed) throw failed.error;
      const thread = threadAt(options.thread ?? pick());
      const number = ++jobs;
      return await new Promise((resolve, reject) => {
        thread.pending.set(number, { resolve, reject });
        thread.post({ ...job, job: number }, options.transfer ?? []);
      });
    },
    pick,
    nextStream: () => ++streams,
    beginSession(begun) {
      session = begun;
      for (const thread of threads) thread.post(beginning(begun), []);
    },
    addSegment(segment) {
      for (const thread of threads) thread.post({ type: 'segment', segment }, []);
    },
    dropStream: (thread, stream) => threads[thread]?.post({ type: 'drop-stream', stream }, []),
    async flush() {
      await Promise.all(threads.map((_, thread) => pool.run({ type: 'flush' }, { thread })));
      await groups;
      if (failed) throw failed.error;
    },
    threads: wanted,
    get jobs() {
      return threads.reduce((sum, thread) => sum + thread.pending.size, 0);
    },
    async close() {
      await groups;
      await Promise.all(threads.map((thread) => thread.stop()));
      await session?.onClose();
    },
  };
  return pool;
}

function beginning({ packKey, staged }: PoolSession): ToWorker {
  return { type: 'session', packKey, staged };
}

/** The bundled worker (scripts/bundle.mjs): threads cannot run TypeScript on Node 20, so from the sources it is taken as well. */
function workerFile(): URL {
  const here = import.meta.url;
  if (here.endsWith('.js')) return new URL('./worker.js', here);
  return new URL('../../../dist/chunks/worker.js', here);
}
