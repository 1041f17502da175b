import type { CaptureSink } from '../kernel/capture.ts';
import { isItemError } from '../kernel/errors.ts';

/** Runs one part of a capture; what is refused costs that part alone, and leaves undefined. */
export type Part = <T>(
  item: { readonly collection: string; readonly key: string },
  task: () => Promise<T>,
) => Promise<T | undefined>;

export function partsOf(sink: CaptureSink): Part {
  return async (item, task) => {
    try {
      return await task();
    } catch (error) {
      if (!isItemError(error)) throw error;
      sink.fail(error, item);
      return undefined;
    }
  };
}
