import { compareBytes, equalBytes } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { objectKeyOf } from './capture-objects.ts';
import type { ListedKey, ListedVersion } from './listing.ts';

/** One key as the snapshot and the live bucket have it. */
export interface KeyState {
  readonly key: Uint8Array;
  /** What was there, oldest first: older versions and delete markers, then the current object. */
  readonly older: readonly CapturedEntry[];
  /** Undefined: a plain listing did not show the key when it was captured. */
  readonly current: CapturedEntry | undefined;
  /** What is there now, oldest first. */
  readonly live: readonly ListedVersion[];
}

/** Walks the captured and the live keys side by side, in byte order, holding one key of each. */
export async function* keyStates(
  captured: CapturedResource,
  live: AsyncIterable<ListedKey>,
  prefix?: Uint8Array,
): AsyncGenerator<KeyState> {
  const range = prefix === undefined ? {} : { prefix };
  const objects = reader(captured.entries('objects', range));
  const versions = reader(captured.entries('versions', range));
  const listed = reader(live);
  try {
    for (;;) {
      const [object, version, found] = [await objects.peek(), await versions.peek(), await listed.peek()];
      const keys = [object?.key, version && objectKeyOf(version.key), found?.bytes].filter((key) => key !== undefined);
      const key = keys.sort(compareBytes)[0];
      if (key === undefined) return;
      const older: CapturedEntry[] = [];
      for (let next = version; next && equalBytes(objectKeyOf(next.key), key); next = await versions.peek()) {
        older.push(next);
        versions.drop();
      }
      const current = object && equalBytes(object.key, key) ? object : undefined;
      if (current) objects.drop();
      const now = found && equalBytes(found.bytes, key) ? found : undefined;
      if (now) listed.drop();
      yield { key, older, current, live: [...(now?.versions ?? [])].reverse() };
    }
  } finally {
    await Promise.all([objects.close(), versions.close(), listed.close()]);
  }
}

interface Reader<T> {
  peek(): Promise<T | undefined>;
  drop(): void;
  close(): Promise<void>;
}

function reader<T>(source: AsyncIterable<T>): Reader<T> {
  const iterator = source[Symbol.asyncIterator]();
  let ahead: { readonly value: T | undefined } | undefined;
  return {
    async peek() {
      if (!ahead) {
        const next = await iterator.next();
        ahead = { value: next.done === true ? undefined : next.value };
      }
      return ahead.value;
    },
    drop() {
      ahead = undefined;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
