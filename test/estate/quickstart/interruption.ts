const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Where signals come from: the process, or an emitter of a test. */
export interface SignalSource {
  once(name: string, listener: () => void): unknown;
  removeListener(name: string, listener: () => void): unknown;
}

export interface Interruption {
  readonly signal: AbortSignal;
  /** Exit status a shell gives to the signal that came; undefined while none did. */
  status(): number | undefined;
  stop(): void;
}

/** The first signal lets the story end in order; a second one is the operating system's again. */
export function listenForSignals(source: SignalSource): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  const listeners = Object.entries(statuses).map(([name, number]) => {
    const listener = (): void => {
      status ??= number;
      controller.abort(new Error(`interrupted by ${name}`));
    };
    source.once(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    status: () => status,
    stop: () => {
      for (const { name, listener } of listeners) source.removeListener(name, listener);
    },
  };
}

/** What `work` gives, or the reason of the interruption as soon as it comes; `work` itself is then not waited for. */
export async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
