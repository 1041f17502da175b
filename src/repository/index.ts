import { tmpdir, availableParallelism } from 'node:os';
import { HoldfastError, isCode } from '../kernel/errors.ts';
import { noEvents } from '../kernel/events.ts';
import { hex } from '../kernel/bytes.ts';
import { newId, type Runtime } from '../kernel/runtime.ts';
import type { ObjectStore } from '../storage/contract.ts';
import {
  checkConfiguration,
  configurationPrefix,
  decodeConfiguration,
  encodeConfiguration,
  newConfiguration,
  type RepositoryConfiguration,
} from './configuration.ts';
import type { Repository, RepositorySettings } from './contract.ts';
import { createAudit } from './audit/record.ts';
import { putOptions, type WritePolicy } from './format/document.ts';
import { checkLock, lockPolicy } from './lock/policy.ts';
import type { PackRecord } from './format/pack-directory.ts';
import { createPool } from './engine/pool.ts';
import { createChunkTable } from './index/chunk-table.ts';
import { createLocationIndex } from './index/locations.ts';
import { refreshLocations } from './index/objects.ts';
import { createKeyring, idKeys, type Keyring } from './keys/keyring.ts';
import { createPassphraseSlot, decodeSlot, encodeSlot, openPassphraseSlot, scryptParameters } from './keys/slots.ts';
import { createMarkBook } from './marks/read.ts';
import { salvagePacks } from './pack/directory.ts';
import { createChunkReader } from './read/chunk-reader.ts';
import { repositoryOver } from './repository.ts';
import type { RepositoryState } from './state.ts';

export interface RepositoryAccess {
  readonly store: ObjectStore;
  readonly passphrase: string;
  readonly runtime: Runtime;
  readonly settings?: Partial<RepositorySettings>;
}

export const keyPrefix = 'keys/';

/**
 * Creates a repository and opens it. Order of writes: key slot, then configuration; the repository exists once the
 * configuration does. Throws repository.exists, also for the loser of two that create at once.
 */
export async function createRepository(
  access: RepositoryAccess & { readonly scrypt?: { readonly n: number; readonly r: number; readonly p: number } },
): Promise<Repository> {
  const { store, runtime, passphrase } = access;
  const policy = policyOf(access);
  if (passphrase === '') throw new HoldfastError('repository.no-passphrase', 'an empty passphrase protects nothing');
  if (await newestConfigurationKey(store))
    throw new HoldfastError('repository.exists', `there is a repository at ${store.address} already`);
  const id = newId(runtime);
  const keyring = createKeyring(id, runtime);
  const slot = await createPassphraseSlot(
    keyring,
    passphrase,
    'passphrase',
    runtime,
    access.scrypt ?? scryptParameters,
  );
  const configuration = newConfiguration(id, runtime.clock.now());
  checkLock(access.settings?.lock, store, configuration.longestSession);
  await store.put(`${keyPrefix}${hex(newId(runtime))}`, [encodeSlot(slot)], {
    ifAbsent: true,
    ...putOptions(policy(), 'metadata'),
  });
  try {
    await store.put(`${configurationPrefix}00000001`, [encodeConfiguration(configuration, keyring)], {
      ifAbsent: true,
      ...putOptions(policy(), 'metadata'),
    });
  } catch (error) {
    if (isCode(error, 'storage.exists'))
      throw new HoldfastError(
        'repository.exists',
        `somebody else created a repository at ${store.address} at the same time`,
        { cause: error },
      );
    throw error;
  }
  return await opened(access, keyring, configuration);
}

/** Opens a repository. Throws repository.missing, repository.newer-format, repository.wrong-passphrase, repository.corrupt. */
export async function openRepository(access: RepositoryAccess): Promise<Repository> {
  const { store } = access;
  const key = await newestConfigurationKey(store);
  if (key === undefined) throw new HoldfastError('repository.missing', `there is no repository at ${store.address}`);
  const envelope = decodeConfiguration(await store.get(key), key);
  const keyring = await unlock(store, envelope.configuration.repository, access.passphrase);
  checkConfiguration(envelope, keyring);
  return await opened(access, keyring, envelope.configuration);
}

async function newestConfigurationKey(store: ObjectStore): Promise<string | undefined> {
  let newest: string | undefined;
  for await (const { key } of store.list(configurationPrefix)) newest = key;
  return newest;
}

async function unlock(store: ObjectStore, repository: string, passphrase: string): Promise<Keyring> {
  let slots = 0;
  let damaged: HoldfastError | undefined;
  for await (const { key } of store.list(keyPrefix)) {
    try {
      const slot = decodeSlot(await store.get(key), key);
      // Slots of an init that did not finish belong to no repository.
      if (slot.repository !== repository) continue;
      slots++;
      const keyring = await openPassphraseSlot(slot, passphrase, key);
      if (keyring) return keyring;
    } catch (error) {
      // Another slot may open; if none does, this is why.
      if (!isCode(error, 'repository.corrupt')) throw error;
      damaged ??= error;
    }
  }
  if (damaged) throw damaged;
  if (slots === 0)
    throw new HoldfastError('repository.corrupt', `the repository at ${store.address} has lost its key slots`);
  throw new HoldfastError(
    'repository.wrong-passphrase',
    `the passphrase opens none of the ${slots} key slots of ${store.address}`,
  );
}

/** Asked anew for every object: a lock counts from when it is set. */
function policyOf({ runtime, settings = {} }: RepositoryAccess): () => WritePolicy {
  return () => ({
    ...lockPolicy(settings.lock, runtime.clock.now()),
    storageClass: settings.dataClass ?? 'STANDARD',
  });
}

const defaultMemory = 64 * 1024 * 1024;

async function opened(
  access: RepositoryAccess,
  keyring: Keyring,
  configuration: RepositoryConfiguration,
): Promise<Repository> {
  const { store, runtime, settings = {} } = access;
  checkLock(settings.lock, store, configuration.longestSession);
  const events = settings.events ?? noEvents;
  const policy = policyOf(access);
  const memory = settings.memory ?? defaultMemory;
  const table = createChunkTable();
  const index = createLocationIndex(table, (segment) => pool.addSegment(segment));
  const pool = createPool({
    workers: settings.workers ?? Math.min(8, Math.max(2, availableParallelism())),
    inFlightLimit: memory / 4,
    segments: () => table.segments,
    setup: {
      repository: keyring.repository,
      idSecret: keyring.idSecret,
      chunkerSecret: keyring.chunkerSecret,
      sizes: configuration.chunkSizes,
      level: configuration.compressionLevel,
    },
  });
  const ids = idKeys(keyring);
  const salvaged: PackRecord[] = [];
  const state: RepositoryState = {
    store,
    keyring,
    ids,
    configuration,
    index,
    pool,
    runtime,
    policy,
    audit: createAudit({
      store,
      keyring,
      runtime,
      policy,
      events,
      actor: settings.actor ?? { host: '', user: '' },
    }),
    chunks: createChunkReader({ store, keyring, ids, index, cacheBytes: memory / 4 }),
    events,
    marks: createMarkBook(),
    indexesRead: new Set(),
    indexesDamaged: new Map(),
    salvaged,
  };
  await refreshLocations(state);
  if (state.indexesDamaged.size > 0) {
    const known = new Set([...index.packs()].map(({ key }) => key));
    salvaged.push(...(await salvagePacks(store, keyring, (key) => known.has(key))));
    for (const pack of salvaged) index.add(pack);
  }
  return repositoryOver(state, { memory, temporaryFolder: settings.temporaryFolder ?? tmpdir() });
}
