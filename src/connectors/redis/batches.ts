import type { Connection, Reply } from './connection.ts';

/** Bytes, as the server counts them, that the keys of one batch take together. One that is larger goes alone. */
export const batchBytes = 1024 * 1024;

/** A server whose keys take no more than this holds none that would matter: then nothing is asked. */
const harmlessBytes = 16 * batchBytes;

/** Says how large keys are before they are read, as far as that is worth asking. */
export interface Sizes {
  /** Bytes of each key, in memory, asked for `atOnce` keys at a time; undefined: unknown, so the key goes alone. 0 where the server is small altogether. */
  of(keys: readonly Buffer[], atOnce: () => number): Promise<readonly (number | undefined)[]>;
}

/**
 * MEMORY USAGE looks at five elements of a key at most and costs less than the DUMP after it; it is spared where all keys
 * together are small. Where it is refused, every key goes alone: slower, and as safe.
 */
export function createSizes(connection: Connection, datasetBytes: number): Sizes {
  let refused = false;
  return {
    async of(keys, atOnce) {
      if (datasetBytes <= harmlessBytes) return keys.map(() => 0);
      if (refused) return keys.map(() => undefined);
      const replies: Reply[] = [];
      while (replies.length < keys.length) {
        const some = keys.slice(replies.length, replies.length + atOnce());
        replies.push(...(await connection.send(some.map((key) => ['MEMORY', 'USAGE', key] as const))));
      }
      // Of a key that has moved to another node, only this key's size is unknown.
      refused = replies.some((reply) => reply instanceof Error && !/^(MOVED|ASK) /.test(reply.message));
      return replies.map((reply) => (reply instanceof Error ? undefined : typeof reply === 'number' ? reply : 0));
    },
  };
}

/** How many of the keys, from `from` on, go together: within the count, and within `batchBytes`; at least one. */
export function batchEnd(sizes: readonly (number | undefined)[], from: number, mostKeys: number): number {
  let bytes = 0;
  let end = from;
  while (end < sizes.length && end - from < mostKeys) {
    bytes += sizes[end] ?? batchBytes;
    if (bytes > batchBytes && end > from) break;
    end++;
  }
  return end;
}
