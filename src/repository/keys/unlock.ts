import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { hex } from '../../kernel/bytes.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { RepositoryConfiguration } from '../configuration.ts';
import { publicKeyOf } from './curve25519.ts';
import type { Keyring } from './keyring.ts';
import { kmsKind, unlockWithKms, type KeyService } from './kinds/kms.ts';
import { passphraseKind, unlockWithPassphrase } from './kinds/passphrase.ts';
import { x25519Kind } from './kinds/x25519.ts';
import { readSlots, type ListedSlot, type UsableSlot } from './read-slots.ts';
import { openSlot, type Identity } from './slots.ts';

/** What somebody has to open a repository with. All of it is tried, in the order of these fields; one is enough. */
export interface Credentials {
  readonly recoveryKey?: Identity;
  readonly writerKey?: Identity;
  readonly passphrase?: string;
  /** Used where a slot names KMS keys. */
  readonly keyService?: KeyService;
  /** Asked last, where nothing else opened and there is a slot that a passphrase can open. */
  readonly askPassphrase?: () => Promise<string>;
}

export interface Unlocked {
  readonly keyring: Keyring;
  /** Id of the slot. */
  readonly slot: string;
}

interface Attempts {
  readonly reasons: Map<string, string>;
  damaged: HoldfastError | undefined;
  passphraseFailed: boolean;
}

/**
 * Opens the keyring by the first slot that a credential opens. A slot that is damaged does not keep the others from being
 * tried. Throws repository.no-passphrase, repository.wrong-passphrase, repository.wrong-key (each slot with the reason why
 * it did not open), repository.corrupt.
 */
export async function unlock(
  store: ObjectStore,
  configuration: RepositoryConfiguration,
  credentials: Credentials,
): Promise<Unlocked> {
  const slots = await readSlots(store, configuration);
  if (slots.every(({ state }) => state === 'missing'))
    throw new HoldfastError('repository.corrupt', `the repository at ${store.address} has lost its key slots`);
  // Who holds a key of both kinds wants to do what owners can.
  const usable = slots.filter((one): one is UsableSlot => one.state === 'usable');
  usable.sort((a, b) => Number(a.slot.role === 'writer') - Number(b.slot.role === 'writer'));
  const attempts: Attempts = { reasons: new Map(), damaged: undefined, passphraseFailed: false };
  const found =
    (await byIdentity(usable, credentials.recoveryKey, attempts)) ??
    (await byIdentity(usable, credentials.writerKey, attempts)) ??
    (await byPassphrase(usable, credentials.passphrase, attempts)) ??
    (await byService(usable, credentials.keyService, attempts)) ??
    (await byQuestion(usable, credentials, attempts));
  if (found) return found;
  throw explained(store, slots, credentials, attempts);
}

async function byIdentity(
  slots: readonly UsableSlot[],
  identity: Identity | undefined,
  attempts: Attempts,
): Promise<Unlocked | undefined> {
  if (!identity) return undefined;
  const recipient = hex(publicKeyOf('x25519', identity.privateKey));
  const own = slots.filter(({ slot }) => slot.recipient === recipient);
  return await firstThatOpens(own, attempts, () => Promise.resolve(identity));
}

async function byPassphrase(
  slots: readonly UsableSlot[],
  passphrase: string | undefined,
  attempts: Attempts,
): Promise<Unlocked | undefined> {
  if (passphrase === undefined) return undefined;
  const own = slots.filter(({ slot }) => slot.kind === passphraseKind);
  return await firstThatOpens(own, attempts, async ({ slot, key, id }) => {
    const identity = await unlockWithPassphrase(slot, passphrase, key);
    if (!identity) {
      attempts.passphraseFailed = true;
      attempts.reasons.set(id, 'it has another passphrase');
    }
    return identity;
  });
}

async function byService(
  slots: readonly UsableSlot[],
  service: KeyService | undefined,
  attempts: Attempts,
): Promise<Unlocked | undefined> {
  if (!service) return undefined;
  const own = slots.filter(({ slot }) => slot.kind === kmsKind);
  return await firstThatOpens(own, attempts, ({ slot, key }) => unlockWithKms(slot, service, key));
}

async function byQuestion(
  slots: readonly UsableSlot[],
  { passphrase, askPassphrase }: Credentials,
  attempts: Attempts,
): Promise<Unlocked | undefined> {
  const canHelp = slots.some(({ slot }) => slot.kind === passphraseKind);
  if (!askPassphrase || passphrase !== undefined || !canHelp) return undefined;
  return await byPassphrase(slots, await askPassphrase(), attempts);
}

async function firstThatOpens(
  slots: readonly UsableSlot[],
  attempts: Attempts,
  identify: (slot: UsableSlot) => Promise<Identity | undefined>,
): Promise<Unlocked | undefined> {
  for (const one of slots) {
    try {
      const identity = await identify(one);
      if (identity) return { keyring: openSlot(one.slot, identity, one.key), slot: one.id };
    } catch (error) {
      // Another slot may open; if none does, this is why.
      if (!isCode(error, 'repository.corrupt', 'repository.wrong-key')) throw error;
      if (error.code === 'repository.corrupt') attempts.damaged ??= error;
      attempts.reasons.set(one.id, error.message);
    }
  }
  return undefined;
}

function explained(
  store: ObjectStore,
  slots: readonly ListedSlot[],
  credentials: Credentials,
  { reasons, damaged, passphraseFailed }: Attempts,
): HoldfastError {
  const kinds = new Set(slots.flatMap((one) => (one.state === 'usable' ? [one.slot.kind] : [])));
  const onlyPassphrases = [...kinds].every((kind) => kind === passphraseKind);
  const { passphrase, recoveryKey, writerKey } = credentials;
  const gaveKey = recoveryKey !== undefined || writerKey !== undefined;
  if (onlyPassphrases && !gaveKey) {
    const broken = damaged ?? slots.flatMap((one) => (one.state === 'damaged' ? [one.error] : []))[0];
    if (broken) return broken;
    if (!passphraseFailed && passphrase === undefined)
      return new HoldfastError(
        'repository.no-passphrase',
        'no passphrase was given and there is no terminal to ask at',
      );
    if (kinds.size > 0)
      return new HoldfastError(
        'repository.wrong-passphrase',
        `the passphrase opens none of the ${slots.length} key slots of ${store.address}`,
      );
  }
  const lines = slots.map((one) => `${one.id.slice(0, 12)} ${nameOf(one)}: ${reasons.get(one.id) ?? untried(one)}`);
  return new HoldfastError(
    'repository.wrong-key',
    [`none of the ${slots.length} key slots of ${store.address} opens with what was given`, ...lines].join('\n  '),
    damaged ? { cause: damaged } : {},
  );
}

function nameOf(one: ListedSlot): string {
  return one.state === 'usable' ? `(${one.slot.kind}, ${one.slot.role}, "${one.slot.label}")` : '';
}

function untried(one: ListedSlot): string {
  if (one.state === 'missing') return 'it is missing from the store';
  if (one.state === 'damaged') return one.error.message;
  if (one.slot.kind === passphraseKind) return 'no passphrase was given';
  if (one.slot.kind === kmsKind) return 'KMS was not asked';
  if (one.slot.kind === x25519Kind) return 'no key file that fits was given';
  return 'a kind of a newer version';
}
