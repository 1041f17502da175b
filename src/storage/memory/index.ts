import { concatBytes, hex } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { newId, type Runtime } from '../../kernel/runtime.ts';
import { classOf, frozen, isArchive, noSuchTier, thawHours } from '../archive.ts';
import type { ObjectStore, StoredObject, ThawState } from '../contract.ts';
import { checkKey, checkPrefix } from '../keys.ts';
import { checkPrecondition } from '../precondition.ts';
import { sliceRange } from '../ranges.ts';

/** A copy of an archived object that can be read, from `readyAt` until `until`; ms since the epoch. */
interface Thawed {
  readonly readyAt: number;
  readonly until: number;
}

const hour = 3_600_000;

interface Held {
  readonly content: Uint8Array;
  readonly stored: StoredObject;
  readonly retain?: { readonly until: number; readonly mode: 'governance' | 'compliance' };
  readonly thawed?: Thawed;
}

/**
 * A store in memory, for tests and dry runs: the whole contract including retention locks, in the time of
 * `runtime.clock`. A locked object can be neither overwritten nor deleted (storage.locked) before its date; a real
 * bucket keeps a locked version behind the new one instead. Objects put with an archive class are frozen at once, and
 * thaw in the hours Amazon names at most.
 */
export function createMemoryStore(settings: { readonly runtime: Runtime }): ObjectStore {
  const { runtime } = settings;
  const objects = new Map<string, Held>();

  function refuseLocked(key: string, held: Held | undefined): void {
    if (held?.retain === undefined || held.retain.until <= runtime.clock.now()) return;
    const date = new Date(held.retain.until).toISOString();
    throw new HoldfastError('storage.locked', `${key} is locked until ${date}`, { resource: key });
  }
  function thawStateOf({ stored, thawed }: Held): ThawState {
    if (!isArchive(stored.storageClass)) return { state: 'readable' };
    const now = runtime.clock.now();
    if (thawed === undefined || now >= thawed.until) return { state: 'frozen' };
    return now < thawed.readyAt ? { state: 'thawing' } : { state: 'thawed', until: thawed.until };
  }
  function refuseFrozen(key: string, held: Held): void {
    const { state } = thawStateOf(held);
    if (state === 'frozen' || state === 'thawing') throw frozen(key, held.stored.storageClass);
  }
  function present(key: string): Held {
    const held = objects.get(key);
    if (held === undefined) throw new HoldfastError('storage.not-found', `no object ${key}`, { resource: key });
    return held;
  }

  return {
    address: 'memory:',
    capabilities: {
      lock: true,
      storageClasses: true,
      archive: {
        async thaw(key, { days, tier }) {
          checkKey(key);
          const held = present(key);
          const { state } = thawStateOf(held);
          const { storageClass = 'STANDARD' } = held.stored;
          const hours = thawHours(storageClass, tier);
          if (hours === undefined) throw noSuchTier(key, storageClass, tier);
          const now = runtime.clock.now();
          if (state === 'frozen') {
            const readyAt = now + hours * hour;
            objects.set(key, { ...held, thawed: { readyAt, until: readyAt + days * 24 * hour } });
          }
          // A copy that is there lives on from now, as on S3.
          if (state === 'thawed')
            objects.set(key, { ...held, thawed: { readyAt: now, until: now + days * 24 * hour } });
        },
        async thawState(key) {
          checkKey(key);
          return thawStateOf(present(key));
        },
      },
      async readLock(key) {
        checkKey(key);
        return present(key).retain;
      },
      async extendLock(key, until, mode) {
        checkKey(key);
        const held = present(key);
        const longest = Math.max(until, held.retain?.until ?? 0);
        const strictest = held.retain?.mode === 'compliance' ? 'compliance' : mode;
        objects.set(key, { ...held, retain: { until: longest, mode: strictest } });
      },
    },
    async get(key, range) {
      checkKey(key);
      const held = present(key);
      refuseFrozen(key, held);
      const { content } = held;
      return range === undefined ? Uint8Array.from(content) : Uint8Array.from(sliceRange(key, content, range));
    },
    async put(key, parts, options = {}) {
      checkKey(key);
      const held = objects.get(key);
      checkPrecondition(key, held?.stored.version, options);
      refuseLocked(key, held);
      const content = concatBytes(parts);
      const version = hex(newId(runtime));
      const { storageClass } = options;
      objects.set(key, {
        content,
        stored: {
          key,
          size: content.length,
          version,
          modifiedAt: runtime.clock.now(),
          ...classOf(storageClass),
        },
        ...(options.retain === undefined ? {} : { retain: options.retain }),
      });
      return { version };
    },
    async *list(prefix) {
      checkPrefix(prefix);
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      for (const key of keys) {
        const held = objects.get(key);
        if (held !== undefined) yield held.stored;
      }
    },
    async stat(key) {
      checkKey(key);
      return objects.get(key)?.stored;
    },
    async delete(key, options = {}) {
      checkKey(key);
      const held = objects.get(key);
      if (held === undefined) return;
      checkPrecondition(key, held.stored.version, options);
      refuseLocked(key, held);
      objects.delete(key);
    },
    async close() {
      objects.clear();
    },
  };
}
