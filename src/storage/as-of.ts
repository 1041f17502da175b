import { HoldfastError } from '../kernel/errors.ts';
import type { ObjectStore, ObjectVersion, StoredObject } from './contract.ts';

// Versions remembered after a listing or a look-up: reading a repository asks for the same few again and again.
const mostRemembered = 50_000;

/**
 * The store as it was: of each key the newest version at or before `time` (ms since the epoch, by the store's clock), as if
 * nothing had been overwritten or deleted since. Read-only. Throws storage.unsupported where the store keeps no versions.
 */
export async function asOf(store: ObjectStore, time: number): Promise<ObjectStore> {
  const { history, protection } = store.capabilities;
  if (history === undefined || (await protection?.())?.versioning === false) {
    throw new HoldfastError(
      'storage.unsupported',
      `${store.address} keeps no versions of its objects: its past is gone`,
      {
        hint: 'Use a bucket with versioning for repositories that must survive deletion.',
      },
    );
  }
  const past = history;
  const remembered = new Map<string, ObjectVersion | undefined>();

  /** What each key held at that time; keys that held nothing are left out. */
  async function* versionsUnder(prefix: string): AsyncGenerator<ObjectVersion> {
    let decided: string | undefined;
    for await (const version of past.list(prefix)) {
      if (version.key === decided || version.modifiedAt > time) continue;
      decided = version.key;
      if (!version.deleted) yield version;
    }
  }
  async function versionOf(key: string): Promise<ObjectVersion | undefined> {
    if (remembered.has(key)) return remembered.get(key);
    let found: ObjectVersion | undefined;
    for await (const version of versionsUnder(key)) {
      if (version.key === key) found = version;
      // The key itself comes first of all that begin with it.
      break;
    }
    remember(key, found);
    return found;
  }
  function remember(key: string, version: ObjectVersion | undefined): void {
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(key, version);
  }
  function refuse(what: string, key: string): never {
    const date = new Date(time).toISOString();
    throw new HoldfastError('storage.denied', `${what} of ${key} refused: the repository is shown as of ${date}`, {
      resource: key,
      hint: 'Leave out --as-of to change the repository.',
    });
  }
  return {
    address: store.address,
    capabilities: { lock: false, storageClasses: store.capabilities.storageClasses },
    async get(key, range) {
      const version = await versionOf(key);
      if (version === undefined) {
        const date = new Date(time).toISOString();
        throw new HoldfastError('storage.not-found', `no object ${key} at ${date}`, { resource: key });
      }
      return await past.get(key, version.versionId, range);
    },
    async *list(prefix) {
      for await (const version of versionsUnder(prefix)) {
        remember(version.key, version);
        yield storedObject(version);
      }
    },
    async stat(key) {
      const version = await versionOf(key);
      return version && storedObject(version);
    },
    put: async (key) => refuse('put', key),
    delete: async (key) => refuse('delete', key),
    close: () => store.close(),
  };
}

function storedObject({ key, size, version, modifiedAt }: ObjectVersion): StoredObject {
  return { key, size, version, modifiedAt };
}
