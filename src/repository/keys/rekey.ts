import { HoldfastError } from '../../kernel/errors.ts';
import { changeConfiguration, keysChanged } from '../configuration.ts';
import type { RekeyReport } from './contract.ts';
import { currentEpoch, withNewEpoch } from './keyring.ts';
import { isKnownKind } from './kinds/index.ts';
import { newestSlots, removeSlots, sameSlots, type KeyHost } from './key-host.ts';
import { storeSlot, type StoredSlot } from './new-slot.ts';
import type { ListedSlot, UsableSlot } from './read-slots.ts';
import { sealSlot } from './slots.ts';

/**
 * A new epoch: the keyring with one secret more is sealed anew to every slot that stays, all new slots are stored and read
 * back, and one configuration then names them in place of the old ones. Dying before that put leaves slots that nobody
 * names; dying after it, old ones that nobody names. Of two that begin an epoch at once, the put of one fails.
 */
export async function rekeyRepository(host: KeyHost, drop: readonly string[]): Promise<RekeyReport> {
  const { runtime, keyring } = host;
  const { configuration, slots } = await newestSlots(host);
  const kept = slots.filter(({ id }) => !drop.includes(id));
  const renewable = kept.filter(isRenewable);
  const others = kept.filter((one) => !isRenewable(one));
  if (others.length > 0) throw notRewrapped(others);
  if (!renewable.some(({ slot }) => slot.role === 'owner'))
    throw new HoldfastError(
      'repository.last-key',
      'no slot of an owner would remain: nobody could open the repository',
    );
  const next = withNewEpoch(keyring, runtime);
  const renewed = new Map<string, StoredSlot>();
  for (const { id, slot } of renewable)
    renewed.set(id, await storeSlot(host, sealSlot(slot, next, slot.createdAt, runtime)));
  await changeConfiguration(host, (current) => {
    // Somebody added, replaced or revoked a slot meanwhile: it would be lost, or come back.
    if (!sameSlots(current, configuration)) throw keysChanged();
    const named = Object.fromEntries([...renewed.values()].map(({ id, digest }) => [id, digest]));
    return { ...current, epoch: currentEpoch(next), slots: named };
  });
  const ids = Object.fromEntries([...renewed].map(([old, { id }]) => [old, id]));
  const report = { epoch: currentEpoch(next), renewed: ids, dropped: [...drop] };
  return {
    ...report,
    left: await removeSlots(
      host,
      slots.map(({ id }) => id),
    ),
  };
}

function isRenewable(one: ListedSlot): one is UsableSlot {
  return one.state === 'usable' && isKnownKind(one.slot.kind);
}

function notRewrapped(slots: readonly ListedSlot[]): HoldfastError {
  const lines = slots.map((one) => `${one.id}: ${one.state === 'usable' ? `of kind ${one.slot.kind}` : one.state}`);
  return new HoldfastError(
    'key.not-rewrapped',
    [`${slots.length} key slots cannot be sealed anew; nothing was changed`, ...lines].join('\n  '),
  );
}
