import { HoldfastError } from '../../kernel/errors.ts';
import { hex } from '../../kernel/bytes.ts';
import { changeConfiguration, keysChanged } from '../configuration.ts';
import type { KeyInfo, RekeyReport, RepositoryKeys } from './contract.ts';
import { newestSlots, removeSlots, sameSlots, type KeyHost } from './key-host.ts';
import { listKeys, slotInfo } from './list.ts';
import { authorityOf, writeOnly, type Keyring } from './keyring.ts';
import { isKnownKind } from './kinds/index.ts';
import { storeNewSlot, type StoredSlot } from './new-slot.ts';
import { rekeyRepository } from './rekey.ts';

/** The key management of an opened repository; see RepositoryKeys. */
export function createKeyManagement(host: KeyHost): RepositoryKeys {
  const { keyring, audit } = host;

  /** Of the slots that the newest configuration names and of those nobody names. */
  async function find(reference: string): Promise<KeyInfo> {
    const keys = await listKeys(host);
    const found = keys.filter(({ id }) => reference !== '' && id.startsWith(reference));
    const [key] = found;
    if (!key) throw new HoldfastError('key.not-found', `no key slot begins with ${reference}`, { resource: reference });
    if (found.length > 1) throw new HoldfastError('key.ambiguous', `${found.length} key slots begin with ${reference}`);
    return key;
  }
  /** Names `added` in place of `removed`, at once. */
  async function replace(added: StoredSlot | undefined, removed: string | undefined): Promise<void> {
    await changeConfiguration(host, (current) => {
      if (removed !== undefined && !(removed in current.slots)) throw keysChanged();
      const slots = { ...current.slots };
      if (removed !== undefined) delete slots[removed];
      if (added) slots[added.id] = added.digest;
      return { ...current, slots };
    });
  }
  /**
   * Takes the slot out of the configuration where at least one other of an owner remains. What other slots are like is read
   * each time: of two that revoke each other's slot, the second finds the first one's gone.
   */
  async function withoutSlot(id: string): Promise<void> {
    for (;;) {
      const listed = await newestSlots(host);
      const others = listed.slots.filter((one) => one.id !== id);
      const remains = others.some(
        (one) => one.state === 'usable' && one.slot.role === 'owner' && isKnownKind(one.slot.kind),
      );
      if (!remains)
        throw new HoldfastError('repository.last-key', `without ${id.slice(0, 12)} nobody could open the repository`);
      let same = true;
      await changeConfiguration(host, (current) => {
        if (!(id in current.slots)) throw keysChanged();
        same = sameSlots(current, listed.configuration);
        const { [id]: _, ...slots } = current.slots;
        return same ? { ...current, slots } : undefined;
      });
      if (same) return;
    }
  }
  return {
    authority: hex(authorityOf(keyring)),
    list: () => listKeys(host),
    find,
    async add(key) {
      assertOwner(keyring);
      return await audit.during(
        'key.add',
        { role: key.role, label: key.label },
        async () => {
          const stored = await storeNewSlot(host, keyring, key);
          await replace(stored, undefined);
          return slotInfo(stored.id, stored.slot, false);
        },
        described,
      );
    },
    async rotate(reference, key) {
      assertOwner(keyring);
      const old = await find(reference);
      const { role } = old;
      if (old.state === 'unlisted' || role === undefined)
        throw new HoldfastError('key.not-found', `the key slot ${old.id} is ${old.state}: revoke it and add another`);
      return await audit.during(
        'key.rotate',
        described(old),
        async () => {
          const stored = await storeNewSlot(host, keyring, { ...key, role });
          await replace(stored, old.id);
          return { key: slotInfo(stored.id, stored.slot, false), left: await removeSlots(host, [old.id]) };
        },
        (result) => described(result.key),
      );
    },
    async revoke(reference) {
      assertOwner(keyring);
      const key = await find(reference);
      return await audit.during(
        'key.revoke',
        described(key),
        async () => {
          // One that nobody names is only an object to be deleted.
          if (key.state !== 'unlisted') await withoutSlot(key.id);
          return { key, left: await removeSlots(host, [key.id]) };
        },
        ({ left }) => ({ left }),
      );
    },
    async rekey(settings = {}) {
      assertOwner(keyring);
      const drop = await Promise.all((settings.drop ?? []).map(async (reference) => (await find(reference)).id));
      const work = (): Promise<RekeyReport> => rekeyRepository(host, drop);
      return await audit.during('key.rekey', { drop }, work, (report) => ({
        ...report,
        renewed: { ...report.renewed },
      }));
    },
  };
}

/** What an audit record says of a key: nothing secret. */
function described({ id, kind, role, label }: KeyInfo): Readonly<Record<string, string>> {
  return { slot: id, kind: kind ?? 'unknown', role: role ?? 'unknown', label: label ?? '' };
}

function assertOwner({ writer }: Keyring): void {
  if (writer) throw writeOnly('change who can open it');
}
