import { hex, unhex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import {
  checkConfiguration,
  configurationPrefix,
  decodeConfiguration,
  newConfiguration,
  storeConfiguration,
  type RepositoryConfiguration,
} from '../configuration.ts';
import { decodeHeader, headerLength } from '../format/header.ts';
import { openDocument, type WritePolicy } from '../format/document.ts';
import { currentEpoch, type Keyring } from '../keys/keyring.ts';
import { decodeSlot, keyPrefix, slotDigest } from '../keys/slots.ts';
import { unlock, type Credentials } from '../keys/unlock.ts';

export interface ConfigurationRepair {
  /** Key of the new configuration, or of the one that would be written. */
  readonly configuration: string;
  /** Key of the newest one that can be read, whose settings were taken; absent: defaults. */
  readonly like?: string;
  /** Id of the one key slot that opens the repository from now on. */
  readonly slot: string;
  /** Objects whose headers were looked at. */
  readonly objects: number;
}

interface Access extends Credentials {
  readonly store: ObjectStore;
  readonly runtime: Runtime;
  readonly policy: () => WritePolicy;
}

/**
 * Makes a lost or damaged configuration again: from the newest one that can be read, otherwise from defaults. It does so
 * only where nothing contradicts it: the newest configuration is missing or not what its authority signed; a slot of an owner
 * opens with the credentials; no object has a format version or a key epoch that the keyring does not know; and an index
 * object or snapshot opens with the keyring. Only the slot that opened is named: which others were revoked nobody can tell.
 * Throws repository.exists where the configuration is whole, repository.newer-format, repository.keys-changed where there are
 * objects of a newer epoch, repository.corrupt where no slot or no object opens, and what unlocking throws.
 */
export async function repairConfiguration(access: Access, dryRun: boolean): Promise<ConfigurationRepair> {
  const { store, runtime } = access;
  const { keyring, slot, digest } = await openAnySlot(access);
  const { next, like } = await earlierConfiguration(store, keyring);
  const objects = await checkObjects(store, keyring);
  const base = like?.configuration ?? newConfiguration(keyring.repository, createdAt(keyring), {});
  const configuration: RepositoryConfiguration = { ...base, epoch: currentEpoch(keyring), slots: { [slot]: digest } };
  const key = `${configurationPrefix}${String(next).padStart(8, '0')}`;
  const host = { store, keyring, runtime, policy: access.policy };
  if (!dryRun && !(await storeConfiguration(host, next, configuration)))
    throw new HoldfastError('repository.exists', `somebody else stored ${key} at the same time`);
  return { configuration: key, ...(like ? { like: like.key } : {}), slot, objects };
}

/** Tries every slot object there is, of whichever repository it says to be. */
async function openAnySlot(
  access: Access,
): Promise<{ readonly keyring: Keyring; readonly slot: string; readonly digest: string }> {
  const { store } = access;
  const byRepository = new Map<string, Record<string, string>>();
  for await (const { key } of store.list(keyPrefix)) {
    const bytes = await store.get(key);
    try {
      const { repository, role } = decodeSlot(bytes, key);
      if (role !== 'owner') continue;
      const slots = byRepository.get(repository) ?? {};
      slots[key.slice(keyPrefix.length)] = slotDigest(bytes);
      byRepository.set(repository, slots);
    } catch (error) {
      // Another one may open.
      if (!isCode(error, 'repository.corrupt')) throw error;
    }
  }
  let failure: unknown = new HoldfastError('repository.corrupt', `${store.address} has no key slot of an owner`);
  for (const [repository, slots] of byRepository) {
    try {
      const named = newConfiguration(unhex(repository), 0, slots);
      const { keyring, slot } = await unlock(store, named, access);
      return { keyring, slot, digest: slots[slot] as string };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** The number after the highest there is, and the newest configuration that can be read. */
async function earlierConfiguration(
  store: ObjectStore,
  keyring: Keyring,
): Promise<{ next: number; like: { key: string; configuration: RepositoryConfiguration } | undefined }> {
  const keys: string[] = [];
  for await (const { key } of store.list(configurationPrefix)) keys.push(key);
  for (const key of keys.reverse()) {
    const configuration = await readConfiguration(store, keyring, key);
    if (!configuration) continue;
    if (key === keys[0]) throw new HoldfastError('repository.exists', `the configuration ${key} is whole`);
    return { next: numberOf(keys[0]) + 1, like: { key, configuration } };
  }
  return { next: numberOf(keys[0]) + 1, like: undefined };
}

async function readConfiguration(
  store: ObjectStore,
  keyring: Keyring,
  key: string,
): Promise<RepositoryConfiguration | undefined> {
  try {
    const envelope = decodeConfiguration(await store.get(key), key);
    checkConfiguration(envelope, keyring);
    return envelope.configuration;
  } catch (error) {
    if (isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated')) return undefined;
    // Whole, with other keys: an earlier one, or one whose slot was not the one that opened.
    if (isCode(error, 'repository.keys-changed')) return undefined;
    throw error;
  }
}

function numberOf(key: string | undefined): number {
  return Number.parseInt(key?.slice(configurationPrefix.length) ?? '', 10) || 0;
}

/** Looks at the header of everything that has one, and opens an index object or a snapshot. Returns how many there are. */
async function checkObjects(store: ObjectStore, keyring: Keyring): Promise<number> {
  const newest = currentEpoch(keyring);
  let objects = 0;
  let opened = false;
  for (const prefix of ['index/', 'snapshots/', 'sessions/', 'meta/', 'data/']) {
    for await (const { key, size } of store.list(prefix)) {
      if (size < headerLength) continue;
      const epoch = await epochOf(store, key);
      if (epoch === undefined) continue;
      objects++;
      if (epoch > newest)
        throw new HoldfastError(
          'repository.keys-changed',
          `${key} is sealed under epoch ${epoch}, which is newer than the keys`,
          {
            hint: 'Use credentials of a newer key slot.',
          },
        );
      if (!opened) opened = await opens(store, keyring, key);
    }
  }
  if (objects > 0 && !opened)
    throw new HoldfastError(
      'repository.corrupt',
      'no index object and no snapshot opens with the keys: nothing says that they belong here',
    );
  return objects;
}

async function epochOf(store: ObjectStore, key: string): Promise<number | undefined> {
  try {
    return decodeHeader(await store.get(key, { offset: 0, length: headerLength }), key).epoch;
  } catch (error) {
    // Damage elsewhere is not the matter here; a newer format is thrown.
    if (isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated', 'storage.frozen'))
      return undefined;
    throw error;
  }
}

async function opens(store: ObjectStore, keyring: Keyring, key: string): Promise<boolean> {
  const type = key.startsWith('index/') ? 'index' : key.startsWith('snapshots/') ? 'snapshot' : undefined;
  if (!type) return false;
  try {
    openDocument(keyring, type, await store.get(key), key);
    return true;
  } catch (error) {
    if (isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated')) return false;
    throw error;
  }
}

/** A repository's id begins with the time of its making. */
function createdAt({ repository }: Keyring): number {
  return Number.parseInt(hex(repository.subarray(0, 6)), 16);
}
