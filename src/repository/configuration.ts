import { HoldfastError, isCode } from '../kernel/errors.ts';
import { equalBytes, hex, unhex, utf8 } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/json.ts';
import type { ObjectStore } from '../storage/contract.ts';
import { defaultChunkSizes, type ChunkSizes } from './chunks/gear.ts';
import { putOptions, type WritePolicy } from './format/document.ts';
import { formatVersion } from './format/header.ts';
import { decodeJsonMap, isMap } from './format/json.ts';
import { isSignedFor, signFor } from './keys/curve25519.ts';
import { authorityKey, authorityOf, currentEpoch, type Keyring } from './keys/keyring.ts';

/** `config/00000001`: readable without a key, signed by the authority. A change writes the next number; the highest holds. */
export interface RepositoryConfiguration {
  readonly format: number;
  /** Oldest Holdfast format that may read, and that may write. */
  readonly readers: number;
  readonly writers: number;
  /** Hex, 16 bytes. */
  readonly repository: string;
  readonly createdAt: string;
  /** Names and versions of algorithms, each a contract for ever. */
  readonly algorithms: {
    readonly ids: 'hmac-sha256-v1';
    readonly chunker: 'gear32-v1';
    readonly compression: 'zstd-v1';
    readonly cipher: 'aes-256-gcm-v1';
    readonly tree: 'sorted-pages-v1';
  };
  readonly chunkSizes: ChunkSizes;
  readonly compressionLevel: number;
  /** A pack is closed at this many bytes. */
  readonly packTarget: number;
  /** The longest a session may last, and so the least grace a pruner must give: ms. */
  readonly longestSession: number;
  /** The newest key epoch: what is written now is sealed under it. */
  readonly epoch: number;
  /** The key slots that hold: id → hex SHA-256 of the object `keys/<id>`. */
  readonly slots: Readonly<Record<string, string>>;
}

export const configurationPrefix = 'config/';

const slotId = /^[0-9a-f]{32}$/;

const known: RepositoryConfiguration['algorithms'] = {
  ids: 'hmac-sha256-v1',
  chunker: 'gear32-v1',
  compression: 'zstd-v1',
  cipher: 'aes-256-gcm-v1',
  tree: 'sorted-pages-v1',
};

export function newConfiguration(
  repository: Uint8Array,
  createdAt: number,
  slots: RepositoryConfiguration['slots'],
  wanted: { readonly longestSession?: number; readonly packTarget?: number } = {},
): RepositoryConfiguration {
  return {
    format: formatVersion,
    readers: formatVersion,
    writers: formatVersion,
    repository: hex(repository),
    createdAt: new Date(createdAt).toISOString(),
    algorithms: known,
    chunkSizes: defaultChunkSizes,
    compressionLevel: 3,
    packTarget: wanted.packTarget ?? 16 * 1024 * 1024,
    longestSession: wanted.longestSession ?? 7 * 24 * 3600 * 1000,
    epoch: 1,
    slots,
  };
}

const purpose = 'holdfast/v1/configuration';

/** Throws repository.write-only for a writer's keyring, which could not sign it. */
export function encodeConfiguration(configuration: RepositoryConfiguration, keyring: Keyring): Uint8Array {
  const signature = signFor(purpose, authorityKey(keyring), signedText(configuration));
  return utf8(canonicalJson({ configuration: asJson(configuration), signature: hex(signature) }));
}

interface Envelope {
  readonly configuration: RepositoryConfiguration;
  readonly signature: string;
}

/** Reads it without a key; refuses what is newer before anything else is believed. */
export function decodeConfiguration(bytes: Uint8Array, key: string): Envelope {
  const { configuration, signature } = decodeJsonMap(bytes, key) as Partial<Envelope>;
  if (!isMap(configuration) || typeof configuration.readers !== 'number' || typeof signature !== 'string') {
    throw new HoldfastError('repository.corrupt', `${key} is not a repository configuration`, { resource: key });
  }
  if (configuration.readers > formatVersion) {
    throw new HoldfastError(
      'repository.newer-format',
      `the repository has format ${configuration.format}; this Holdfast reads up to ${formatVersion}`,
    );
  }
  const { slots } = configuration;
  // They become names of objects before the signature can be checked.
  const isNaming = isMap(slots) && Object.keys(slots).every((id) => slotId.test(id)) && isTexts(Object.values(slots));
  if (!isNaming || !isMap(configuration.algorithms) || !isMap(configuration.chunkSizes)) {
    throw new HoldfastError('repository.corrupt', `${key} names no key slots`, { resource: key });
  }
  return { configuration, signature };
}

function isTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

/**
 * Throws repository.corrupt when somebody without the key changed the configuration, repository.newer-format when it asks
 * for an algorithm this version does not have.
 */
export function checkConfiguration(envelope: Envelope, keyring: Keyring): void {
  const { configuration, signature } = envelope;
  if (!isSignedFor(purpose, authorityOf(keyring), signedText(configuration), unhex(signature))) {
    throw new HoldfastError(
      'repository.corrupt',
      'the repository configuration was changed by somebody without its key',
      { resource: configurationPrefix },
    );
  }
  if (configuration.epoch !== currentEpoch(keyring)) throw keysChanged();
  const { algorithms } = configuration;
  for (const [what, name] of Object.entries(algorithms)) {
    if ((known as Readonly<Record<string, string>>)[what] === name) continue;
    throw new HoldfastError('repository.newer-format', `the repository uses ${what} ${name}, which is not known here`);
  }
}

/** Throws repository.newer-format when only later versions may write. */
export function checkWritable({ writers }: RepositoryConfiguration): void {
  if (writers <= formatVersion) return;
  throw new HoldfastError(
    'repository.newer-format',
    `the repository may be read, but only Holdfast with format ${writers} may write to it`,
  );
}

/** Key of the newest configuration; undefined where there is no repository. */
export async function newestConfigurationKey(store: ObjectStore): Promise<string | undefined> {
  let newest: string | undefined;
  for await (const { key } of store.list(configurationPrefix)) newest = key;
  return newest;
}

/** What it takes to store a configuration. */
export interface ConfigurationHost {
  readonly store: ObjectStore;
  readonly keyring: Keyring;
  readonly policy: () => WritePolicy;
}

/** Stores the first configuration. False where somebody else did. */
export function createConfiguration(host: ConfigurationHost, configuration: RepositoryConfiguration): Promise<boolean> {
  return storeConfiguration(host, 1, configuration);
}

/**
 * Stores the next configuration: what `change` makes of the newest, asked again where somebody else was first. The one put
 * decides: before it everything is as it was, after it the change holds. Returns the newest; undefined from `change` means
 * that there is nothing to do. Throws repository.keys-changed where the keyring is not of the newest epoch.
 */
export async function changeConfiguration(
  host: ConfigurationHost,
  change: (current: RepositoryConfiguration) => RepositoryConfiguration | undefined,
): Promise<RepositoryConfiguration> {
  const { store, keyring } = host;
  for (;;) {
    const current = await newestConfigurationKey(store);
    if (current === undefined) throw new HoldfastError('repository.missing', `${store.address} holds no configuration`);
    const envelope = decodeConfiguration(await store.get(current), current);
    checkConfiguration(envelope, keyring);
    checkWritable(envelope.configuration);
    const next = change(envelope.configuration);
    if (!next) return envelope.configuration;
    if (await storeConfiguration(host, Number(current.slice(configurationPrefix.length)) + 1, next)) return next;
  }
}

/** Stores one under its number. False where somebody else has the name. An answer that was lost is settled by what is there now. */
export async function storeConfiguration(
  { store, keyring, policy }: ConfigurationHost,
  number: number,
  configuration: RepositoryConfiguration,
): Promise<boolean> {
  const key = `${configurationPrefix}${String(number).padStart(8, '0')}`;
  const bytes = encodeConfiguration(configuration, keyring);
  let failure: unknown;
  try {
    await store.put(key, [bytes], { ifAbsent: true, ...putOptions(policy(), 'metadata') });
  } catch (error) {
    failure = error;
  }
  try {
    if (equalBytes(await store.get(key), bytes)) return true;
  } catch (error) {
    throw failure ?? error;
  }
  if (failure === undefined || isCode(failure, 'storage.exists')) return false;
  throw failure;
}

export function keysChanged(): HoldfastError {
  return new HoldfastError('repository.keys-changed', 'the keys of the repository were changed since they were read');
}

function asJson(configuration: RepositoryConfiguration) {
  const { algorithms, chunkSizes, slots } = configuration;
  return { ...configuration, algorithms: { ...algorithms }, chunkSizes: { ...chunkSizes }, slots: { ...slots } };
}

function signedText(configuration: RepositoryConfiguration): Uint8Array {
  return utf8(canonicalJson(asJson(configuration)));
}
