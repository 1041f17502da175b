import { createHmac, timingSafeEqual } from 'node:crypto';
import { HoldfastError } from '../kernel/errors.ts';
import { asBuffer, hex, unhex, utf8 } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/json.ts';
import { defaultChunkSizes, type ChunkSizes } from './chunks/gear.ts';
import { formatVersion } from './format/header.ts';
import { configurationKey, type Keyring } from './keys/keyring.ts';

/** `config/00000001`: readable without a key, authenticated with one. A change writes the next number; the highest holds. */
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
}

export const configurationPrefix = 'config/';

const known: RepositoryConfiguration['algorithms'] = {
  ids: 'hmac-sha256-v1',
  chunker: 'gear32-v1',
  compression: 'zstd-v1',
  cipher: 'aes-256-gcm-v1',
  tree: 'sorted-pages-v1',
};

export function newConfiguration(repository: Uint8Array, createdAt: number): RepositoryConfiguration {
  return {
    format: formatVersion,
    readers: formatVersion,
    writers: formatVersion,
    repository: hex(repository),
    createdAt: new Date(createdAt).toISOString(),
    algorithms: known,
    chunkSizes: defaultChunkSizes,
    compressionLevel: 3,
    packTarget: 16 * 1024 * 1024,
    longestSession: 7 * 24 * 3600 * 1000,
  };
}

export function encodeConfiguration(configuration: RepositoryConfiguration, keyring: Keyring): Uint8Array {
  const json = {
    ...configuration,
    algorithms: { ...configuration.algorithms },
    chunkSizes: { ...configuration.chunkSizes },
  };
  return utf8(canonicalJson({ configuration: json, mac: hex(mac(json, keyring)) }));
}

interface Envelope {
  readonly configuration: RepositoryConfiguration;
  readonly mac: string;
}

/** Reads it without a key; refuses what is newer before anything else is believed. */
export function decodeConfiguration(bytes: Uint8Array, key: string): Envelope {
  let envelope: Partial<Envelope>;
  try {
    envelope = (JSON.parse(asBuffer(bytes).toString('utf8')) ?? {}) as Partial<Envelope>;
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${key} is not a repository configuration`, {
      resource: key,
      cause: error,
    });
  }
  const { configuration, mac: given } = envelope;
  if (!configuration || typeof configuration.readers !== 'number' || typeof given !== 'string') {
    throw new HoldfastError('repository.corrupt', `${key} is not a repository configuration`, { resource: key });
  }
  if (configuration.readers > formatVersion) {
    throw new HoldfastError(
      'repository.newer-format',
      `the repository has format ${configuration.format}; this Holdfast reads up to ${formatVersion}`,
    );
  }
  return { configuration, mac: given };
}

/**
 * Throws repository.corrupt when somebody without the key changed the configuration, repository.newer-format when it asks
 * for an algorithm this version does not have.
 */
export function checkConfiguration(envelope: Envelope, keyring: Keyring): void {
  const expected = mac(envelope.configuration, keyring);
  const given = asBuffer(unhex(envelope.mac));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new HoldfastError(
      'repository.corrupt',
      'the repository configuration was changed by somebody without its key',
      { resource: configurationPrefix },
    );
  }
  const { algorithms } = envelope.configuration;
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

function mac(configuration: object, keyring: Keyring): Buffer {
  return createHmac('sha256', configurationKey(keyring))
    .update(canonicalJson(configuration as never))
    .digest();
}
