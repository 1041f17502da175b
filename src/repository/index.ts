import { tmpdir, availableParallelism } from 'node:os';
import { HoldfastError } from '../kernel/errors.ts';
import { noEvents } from '../kernel/events.ts';
import { newId, type Runtime } from '../kernel/runtime.ts';
import type { ObjectStore } from '../storage/contract.ts';
import {
  checkConfiguration,
  createConfiguration,
  decodeConfiguration,
  newConfiguration,
  newestConfigurationKey,
  type RepositoryConfiguration,
} from './configuration.ts';
import type { Repository, RepositorySettings } from './contract.ts';
import { defaultAlarms } from './alarms/contract.ts';
import { createAudit } from './audit/record.ts';
import type { WritePolicy } from './format/document.ts';
import { checkBucket } from './lock/bucket.ts';
import { checkLock, lockPolicy } from './lock/policy.ts';
import type { PackRecord } from './format/pack-directory.ts';
import { createPool } from './engine/pool.ts';
import { createChunkTable } from './index/chunk-table.ts';
import { createLocationIndex } from './index/locations.ts';
import { refreshLocations } from './index/objects.ts';
import { internalsOf } from './internals.ts';
import { createKeyring, idKeys, idSalt } from './keys/keyring.ts';
import type { ScryptCost } from './keys/kinds/passphrase.ts';
import { createKeyManagement } from './keys/management.ts';
import { storeNewSlot } from './keys/new-slot.ts';
import { unlock, type Credentials, type Unlocked } from './keys/unlock.ts';
import { createMarkBook } from './marks/read.ts';
import { defaultMemory, leastMemory, mostMemory, shareOf } from './memory.ts';
import { salvagePacks } from './pack/directory.ts';
import { createChunkReader } from './read/chunk-reader.ts';
import { openInPool } from './read/open-elsewhere.ts';
import { createRefresh } from './read/refresh.ts';
import { repositoryOver } from './repository.ts';
import type { RepositoryState } from './state.ts';

export interface RepositoryAccess extends Credentials {
  readonly store: ObjectStore;
  readonly runtime: Runtime;
  readonly settings?: Partial<RepositorySettings>;
}

/**
 * Creates a repository and opens it. Order of writes: key slot, then the configuration that names it; the repository exists
 * once the configuration does. Throws repository.exists, also for the loser of two that create at once.
 */
export async function createRepository(
  access: RepositoryAccess & {
    readonly passphrase: string;
    readonly scrypt?: ScryptCost;
    /** Makes the same ids and boundaries as that one: for a repository that is to hold its copies. */
    readonly sameIdsAs?: Repository;
    /** The longest a session may last, ms; default 7 days. A pruner waits so long before it deletes. */
    readonly longestSession?: number;
    /** A pack is closed at so many bytes; default 16 MiB. */
    readonly packTarget?: number;
  },
): Promise<Repository> {
  const { store, runtime, passphrase, scrypt } = access;
  const policy = policyOf(access);
  if (passphrase === '') throw new HoldfastError('repository.no-passphrase', 'an empty passphrase protects nothing');
  if (await newestConfigurationKey(store))
    throw new HoldfastError('repository.exists', `there is a repository at ${store.address} already`);
  const id = newId(runtime);
  const like = access.sameIdsAs && internalsOf(access.sameIdsAs).state;
  const keyring = createKeyring(id, runtime, like?.keyring);
  const configuration: RepositoryConfiguration = {
    ...newConfiguration(id, runtime.clock.now(), {}, access),
    ...(like ? { chunkSizes: like.configuration.chunkSizes } : {}),
  };
  checkLock(access.settings?.lock, store, configuration.longestSession);
  await checkBucket(access.settings?.lock, store);
  const slot = await storeNewSlot({ store, runtime, policy }, keyring, {
    role: 'owner',
    label: 'passphrase',
    by: { kind: 'passphrase', passphrase, ...(scrypt ? { cost: scrypt } : {}) },
  });
  const named = { ...configuration, slots: { [slot.id]: slot.digest } };
  if (!(await createConfiguration({ store, keyring, policy }, named)))
    throw new HoldfastError(
      'repository.exists',
      `somebody else created a repository at ${store.address} at the same time`,
    );
  return await opened(access, { keyring, slot: slot.id }, named);
}

/**
 * Opens a repository with the first of the credentials that does. Throws repository.missing, repository.newer-format,
 * repository.no-passphrase, repository.wrong-passphrase, repository.wrong-key, repository.corrupt.
 */
export async function openRepository(access: RepositoryAccess): Promise<Repository> {
  const { store } = access;
  const key = await newestConfigurationKey(store);
  if (key === undefined) throw new HoldfastError('repository.missing', `there is no repository at ${store.address}`);
  const envelope = decodeConfiguration(await store.get(key), key);
  const unlocked = await unlock(store, envelope.configuration, access);
  checkConfiguration(envelope, unlocked.keyring);
  return await opened(access, unlocked, envelope.configuration);
}

/** Asked anew for every object: a lock counts from when it is set. */
function policyOf({ runtime, settings = {} }: RepositoryAccess): () => WritePolicy {
  return () => ({
    ...lockPolicy(settings.lock, runtime.clock.now()),
    storageClass: settings.dataClass ?? 'STANDARD',
  });
}

async function opened(
  access: RepositoryAccess,
  { keyring, slot }: Unlocked,
  configuration: RepositoryConfiguration,
): Promise<Repository> {
  const { store, runtime, keyService, settings = {} } = access;
  checkLock(settings.lock, store, configuration.longestSession);
  const events = settings.events ?? noEvents;
  const policy = policyOf(access);
  const actor = settings.actor ?? { host: '', user: '' };
  const audit = createAudit({ store, keyring, runtime, policy, events, actor });
  const memory = Math.min(mostMemory, Math.max(leastMemory, settings.memory ?? defaultMemory));
  const table = createChunkTable([], settings.readOnly ? 3 : 4);
  const index = createLocationIndex(
    table,
    (segment) => pool.addSegment(segment),
    keyring.writer ? 'recipient' : 'epoch',
  );
  const pool = createPool({
    workers: settings.workers ?? Math.min(8, Math.max(2, availableParallelism())),
    inFlightLimit: shareOf(memory),
    segments: () => table.segments,
    setup: {
      repository: keyring.repository,
      idSecret: keyring.idSecret,
      idSalt: idSalt(keyring),
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
    lock: settings.lock,
    parity: settings.parity,
    alarms: settings.alarms === false ? undefined : { ...defaultAlarms, ...settings.alarms },
    audit,
    keys: createKeyManagement({
      store,
      runtime,
      policy,
      keyring,
      configuration,
      audit,
      openedBy: slot,
      ...(keyService ? { keyService } : {}),
    }),
    chunks: createChunkReader({
      store,
      keyring,
      ids,
      index,
      cacheBytes: shareOf(memory),
      openElsewhere: openInPool(store, pool),
      refresh: createRefresh(() => state, runtime.clock),
    }),
    events,
    marks: createMarkBook(),
    indexesRead: new Set(),
    indexesDamaged: new Map(),
    salvaged,
  };
  await refreshLocations(state);
  if (state.indexesDamaged.size > 0 && !keyring.writer) {
    salvaged.push(...(await salvagePacks(store, keyring, index.hasPack)));
    for (const pack of salvaged) index.add(pack);
  }
  const { temporaryFolder = tmpdir(), readOnly = false } = settings;
  return repositoryOver(state, { memory, temporaryFolder, readOnly });
}
