import { hex } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { putOptions, type WritePolicy } from '../format/document.ts';
import { findHead, type ParitySettings } from './layout.ts';
import { protectPack, repairPack } from './pack-parity.ts';

export const parityPrefix = 'parity/';

/** `parity/ab/abcd…` for `data/ab/abcd…` and `meta/ab/abcd…`: a pack's name is the digest of its bytes, whatever it holds. */
export function parityKey(packKey: string): string {
  return `${parityPrefix}${packKey.slice(packKey.indexOf('/') + 1)}`;
}

/** Hex SHA-256 of the pack; undefined for keys of another form. */
export function parityName(key: string): string | undefined {
  return /^parity\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/.exec(key)?.[2];
}

/** Names of the packs that have a parity object. */
export async function listParities(store: ObjectStore): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { key } of store.list(parityPrefix)) {
    const name = parityName(key);
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** Keys of the parity objects there are of packs among `keys`. */
export async function* paritiesOf(store: ObjectStore, keys: ReadonlySet<string>): AsyncGenerator<string> {
  for (const name of await listParities(store)) {
    const path = `${name.slice(0, 2)}/${name}`;
    if (keys.has(`data/${path}`) || keys.has(`meta/${path}`)) yield `${parityPrefix}${path}`;
  }
}

export interface ParityPut {
  readonly settings: ParitySettings;
  readonly policy: WritePolicy;
  /** A damaged one is made again; otherwise a name that is taken is refused. */
  readonly replace?: true;
}

/** Stores the parity of a pack whose bytes are `parts`; returns its size. Throws repository.corrupt when they are not the pack's. */
export async function storeParity(
  store: ObjectStore,
  packKey: string,
  parts: readonly Uint8Array[],
  { settings, policy, replace }: ParityPut,
): Promise<number> {
  const parity = protectPack(Buffer.from(packKey.slice(-64), 'hex'), parts, settings);
  // Warm, whatever its pack is: it is read to heal, and then at once.
  const options = putOptions(policy, 'metadata');
  await store.put(parityKey(packKey), parity, replace ? options : { ifAbsent: true, ...options });
  return parity.reduce((sum, { length }) => sum + length, 0);
}

/**
 * The pack as it was when it was stored, from what is left of it in the store and its parity object; undefined where there
 * is no parity, or too much is lost. Stores nothing. Throws what the store throws, but for what is missing.
 */
export async function repairFromParity(store: ObjectStore, packKey: string): Promise<Uint8Array | undefined> {
  const parity = await readWhatIsThere(store, parityKey(packKey));
  const head = parity && findHead(parity);
  // Parity of another pack, put here by mistake or on purpose, would give that one back.
  if (!head || hex(head.pack) !== packKey.slice(-64)) return undefined;
  return repairPack((await readWhatIsThere(store, packKey)) ?? Buffer.alloc(0), parity);
}

/** Undefined for what is missing, or too short for its store. */
export async function readWhatIsThere(store: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (isCode(error, 'storage.not-found', 'storage.truncated')) return undefined;
    throw error;
  }
}
