/** Content of a stream with many items one after another, given to somebody else to read. */
export interface HandedOver {
  /** Read once, by the other. */
  readonly content: AsyncIterable<Uint8Array>;
  /**
   * Resolves when all was read, by the other or, where it gave up, by us: then the stream stands at what follows. Throws what
   * reading throws.
   */
  taken(): Promise<void>;
  /** Makes `taken` throw, also where the other never began. */
  stop(error: unknown): void;
}

/** `see` is shown every piece before the other gets it. */
export function handOver(source: AsyncIterable<Uint8Array>, see: (piece: Uint8Array) => void): HandedOver {
  const pieces = source[Symbol.asyncIterator]();
  let settle = (): void => undefined;
  const over = new Promise<void>((resolve) => (settle = resolve));
  let failure: { readonly error: unknown } | undefined;

  async function next(): Promise<IteratorResult<Uint8Array>> {
    try {
      const result = await pieces.next();
      if (result.done) settle();
      else see(result.value);
      return result;
    } catch (error) {
      failure = { error };
      settle();
      throw error;
    }
  }
  async function giveUp(): Promise<IteratorResult<Uint8Array>> {
    settle();
    return await Promise.resolve({ done: true, value: undefined });
  }
  return {
    content: { [Symbol.asyncIterator]: () => ({ next, return: giveUp }) },
    stop(error) {
      failure ??= { error };
      settle();
    },
    async taken() {
      await over;
      if (failure) throw failure.error;
      // Nothing is left where the other read all.
      while (!(await next()).done) continue;
    },
  };
}
