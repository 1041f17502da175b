import type {
  ObjectStore,
  PutOptions,
  StageCapability,
  StoreCapabilities,
  StoredObject,
  ThawCapability,
} from '../contract.ts';

export type StoreMethod = 'get' | 'put' | 'list' | 'stat' | 'delete' | 'extendLock' | 'readLock' | 'thaw' | 'thawState';

/** One call of a store, as decorators see it. */
export interface StoreCall {
  readonly method: StoreMethod;
  /** The prefix for `list`. */
  readonly key: string;
  /** Of a put. */
  readonly parts?: readonly Uint8Array[];
  readonly options?: PutOptions;
}

/** Runs `work`, the call itself, as often as it likes. A list is run by `aroundList`. */
export type Around = <T>(call: StoreCall, work: () => Promise<T>) => Promise<T>;

/** A store whose calls all go through `around` (lists through `aroundList`); `filePath` stays as it is. */
export function decorate(
  store: ObjectStore,
  around: Around,
  aroundList: (prefix: string) => AsyncIterable<StoredObject>,
): ObjectStore {
  return {
    address: store.address,
    capabilities: decorateCapabilities(store.capabilities, around),
    get: (key, range) => around({ method: 'get', key }, () => store.get(key, range)),
    put: (key, parts, options) =>
      around({ method: 'put', key, parts, ...(options === undefined ? {} : { options }) }, () =>
        store.put(key, parts, options),
      ),
    list: aroundList,
    stat: (key) => around({ method: 'stat', key }, () => store.stat(key)),
    delete: (key, options) => around({ method: 'delete', key }, () => store.delete(key, options)),
    close: () => store.close(),
  };
}

function decorateCapabilities(capabilities: StoreCapabilities, around: Around): StoreCapabilities {
  const { extendLock, readLock, history, archive, stage } = capabilities;
  return {
    ...capabilities,
    ...(extendLock && {
      extendLock: (key, until, mode, versionId) =>
        around({ method: 'extendLock', key }, () => extendLock(key, until, mode, versionId)),
    }),
    ...(readLock && {
      readLock: (key, versionId) => around({ method: 'readLock', key }, () => readLock(key, versionId)),
    }),
    ...(history && {
      history: {
        list: (prefix) => history.list(prefix),
        get: (key, versionId, range) => around({ method: 'get', key }, () => history.get(key, versionId, range)),
        remove: (key, versionId) => around({ method: 'delete', key }, () => history.remove(key, versionId)),
      },
    }),
    ...(archive && { archive: decorateArchive(archive, around) }),
    ...(stage && { stage: decorateStage(stage, around) }),
  };
}

/** A staged object is put without its bytes passing here: a decorator sees none of them. */
function decorateStage(stage: StageCapability, around: Around): StageCapability {
  return {
    ...stage,
    put: (path, key, options) =>
      around({ method: 'put', key, parts: [], ...(options === undefined ? {} : { options }) }, () =>
        stage.put(path, key, options),
      ),
  };
}

function decorateArchive(archive: ThawCapability, around: Around): ThawCapability {
  return {
    thaw: (key, request) => around({ method: 'thaw', key }, () => archive.thaw(key, request)),
    thawState: (key) => around({ method: 'thawState', key }, () => archive.thawState(key)),
  };
}
