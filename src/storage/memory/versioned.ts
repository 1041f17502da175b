import { concatBytes, hex } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { newId, type Runtime } from '../../kernel/runtime.ts';
import type { ObjectLock, ObjectStore, ObjectVersion, StoreProtection } from '../contract.ts';
import { checkKey, checkPrefix } from '../keys.ts';
import { checkPrecondition } from '../precondition.ts';
import { sliceRange } from '../ranges.ts';

interface HeldVersion extends ObjectVersion {
  readonly content: Uint8Array;
  lock: ObjectLock | undefined;
}

export interface VersionedMemoryStore extends ObjectStore {
  /** What an adversary with s3:DeleteObjectVersion does. Throws storage.locked before the lock's end; `bypass` ends governance. */
  deleteVersion(key: string, versionId: string, bypass?: boolean): void;
}

/**
 * A bucket with versioning and Object Lock, in memory and in the time of `runtime.clock`, with S3's rules: a put hides the
 * version before it, a delete only marks, and a locked version can be destroyed by nobody before its date.
 */
export function createVersionedMemoryStore(settings: {
  readonly runtime: Runtime;
  readonly protection?: Partial<StoreProtection>;
}): VersionedMemoryStore {
  const { runtime } = settings;
  /** Newest first. */
  const keys = new Map<string, HeldVersion[]>();

  function current(key: string): HeldVersion | undefined {
    const newest = keys.get(key)?.[0];
    return newest?.deleted === true ? undefined : newest;
  }
  function named(key: string, versionId?: string): HeldVersion {
    const found = versionId === undefined ? current(key) : keys.get(key)?.find((one) => one.versionId === versionId);
    if (found === undefined || found.deleted)
      throw new HoldfastError('storage.not-found', `no object ${key}`, { resource: key });
    return found;
  }
  function add(key: string, content: Uint8Array, deleted: boolean, lock?: ObjectLock): HeldVersion {
    const versionId = hex(newId(runtime));
    const modifiedAt = runtime.clock.now();
    const made = { key, content, size: content.length, version: versionId, versionId, modifiedAt, deleted, lock };
    keys.set(key, [made, ...(keys.get(key) ?? [])]);
    return made;
  }
  function read(key: string, { content }: HeldVersion, range: Parameters<ObjectStore['get']>[1]): Uint8Array {
    return Uint8Array.from(range === undefined ? content : sliceRange(key, content, range));
  }
  function* under(prefix: string): Generator<readonly [string, readonly HeldVersion[]]> {
    checkPrefix(prefix);
    for (const key of [...keys.keys()].filter((key) => key.startsWith(prefix)).sort()) yield [key, keys.get(key) ?? []];
  }
  function deleteVersion(key: string, versionId: string, bypass = false): void {
    const held = keys.get(key)?.find((one) => one.versionId === versionId);
    const isLocked = held?.lock !== undefined && held.lock.until > runtime.clock.now();
    if (isLocked && !(bypass && held.lock?.mode === 'governance')) {
      const date = new Date(held.lock?.until ?? 0).toISOString();
      throw new HoldfastError('storage.locked', `${key} is locked until ${date}`, { resource: key });
    }
    keys.set(
      key,
      (keys.get(key) ?? []).filter((one) => one !== held),
    );
  }
  return {
    address: 'memory:',
    capabilities: {
      lock: true,
      storageClasses: false,
      async readLock(key, versionId) {
        return named(key, versionId).lock;
      },
      async extendLock(key, until, mode, versionId) {
        const held = named(key, versionId);
        const strictest = held.lock?.mode === 'compliance' ? 'compliance' : mode;
        held.lock = { until: Math.max(until, held.lock?.until ?? 0), mode: strictest };
      },
      history: {
        async *list(prefix) {
          for (const [, versions] of under(prefix)) yield* versions;
        },
        async get(key, versionId, range) {
          return read(key, named(key, versionId), range);
        },
        async remove(key, versionId) {
          checkKey(key);
          deleteVersion(key, versionId);
        },
      },
      protection: async () => ({ versioning: true, lock: true, expirations: [], ...settings.protection }),
    },
    async get(key, range) {
      checkKey(key);
      return read(key, named(key), range);
    },
    async put(key, parts, options = {}) {
      checkKey(key);
      checkPrecondition(key, current(key)?.version, options);
      return { version: add(key, concatBytes(parts), false, options.retain).version };
    },
    async *list(prefix) {
      for (const [key] of under(prefix)) {
        const found = current(key);
        if (found) yield found;
      }
    },
    async stat(key) {
      checkKey(key);
      return current(key);
    },
    async delete(key, options = {}) {
      checkKey(key);
      const held = current(key);
      if (held === undefined) return;
      checkPrecondition(key, held.version, options);
      add(key, new Uint8Array(0), true);
    },
    deleteVersion,
    async close() {
      // The versions stay: another handle may be open on the same store.
    },
  };
}
