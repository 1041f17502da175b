import { isCode } from '../../kernel/errors.ts';
import { unhex } from '../../kernel/bytes.ts';
import { decodeConfiguration, newestConfigurationKey } from '../configuration.ts';
import type { KeyInfo } from './contract.ts';
import { publicKeyText } from './key-text.ts';
import { isKnownKind } from './kinds/index.ts';
import { kmsKeysOf, kmsKind } from './kinds/kms.ts';
import { x25519Kind } from './kinds/x25519.ts';
import type { KeyHost } from './key-host.ts';
import { readSlots, type ListedSlot } from './read-slots.ts';
import { decodeSlot, keyPrefix, type KeySlot } from './slots.ts';

/** The slots of the newest configuration, and those in the store that it does not name; oldest first. */
export async function listKeys(host: KeyHost): Promise<KeyInfo[]> {
  const { store, openedBy } = host;
  const newest = await newestConfigurationKey(store);
  const configuration = newest
    ? decodeConfiguration(await store.get(newest), newest).configuration
    : host.configuration;
  const listed = (await readSlots(store, configuration)).map((one) => infoOf(one, one.id === openedBy));
  const others: KeyInfo[] = [];
  for await (const { key } of store.list(keyPrefix)) {
    const id = key.slice(keyPrefix.length);
    if (id in configuration.slots) continue;
    others.push({ ...(await unlisted(host, key, id)), state: 'unlisted', inUse: false });
  }
  return [...listed, ...others].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function infoOf(one: ListedSlot, inUse: boolean): KeyInfo {
  return one.state === 'usable' ? slotInfo(one.id, one.slot, inUse) : { id: one.id, state: one.state, inUse };
}

export function slotInfo(id: string, slot: KeySlot, inUse: boolean): KeyInfo {
  const { kind, role, label, createdAt } = slot;
  const shared = { id, kind, role, label, createdAt, inUse };
  if (!isKnownKind(kind)) return { ...shared, state: 'unknown' };
  return {
    ...shared,
    state: 'usable',
    ...(kind === x25519Kind ? { publicKey: publicKeyText(unhex(slot.recipient)) } : {}),
    ...(kind === kmsKind ? { kmsKeys: kmsKeysOf(slot, `${keyPrefix}${id}`) } : {}),
  };
}

async function unlisted({ store }: KeyHost, key: string, id: string): Promise<Omit<KeyInfo, 'state' | 'inUse'>> {
  try {
    const { kind, role, label, createdAt } = decodeSlot(await store.get(key), key);
    return { id, kind, role, label, createdAt };
  } catch (error) {
    if (isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated')) return { id };
    throw error;
  }
}
