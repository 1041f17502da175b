import { HoldfastError, asHoldfastError } from '../../../kernel/errors.ts';
import { concatBytes, equalBytes, hex } from '../../../kernel/bytes.ts';
import { keyLength } from '../curve25519.ts';
import { damagedSlot, slotHex, type Identity, type KeySlot, type SlotParameters } from '../slots.ts';

export const kmsKind = 'aws-kms-v1';

/** Keys that somebody else keeps and uses for us: AWS KMS. Errors are HoldfastErrors that name the key and the reason. */
export interface KeyService {
  /** `key`: ARN. `context` is authenticated and stands in the service's own log. */
  encrypt(key: string, plain: Uint8Array, context: KeyContext): Promise<Uint8Array>;
  decrypt(key: string, sealed: Uint8Array, context: KeyContext): Promise<Uint8Array>;
}

export type KeyContext = Readonly<Record<string, string>>;

/** The most keys of one slot; each is one call when it is made. */
const mostKeys = 16;

/**
 * Protects an identity by one or several KMS keys, best in different regions: each wraps the same bytes, and any one
 * suffices. Every key is proven to give them back. Throws key.invalid, and what the service throws.
 */
export async function lockWithKms(
  identity: Required<Identity>,
  keys: readonly string[],
  service: KeyService,
  repository: string,
): Promise<SlotParameters> {
  const wanted = [...new Set(keys)];
  if (wanted.length === 0 || wanted.length > mostKeys)
    throw new HoldfastError('key.invalid', `a key slot takes 1 to ${mostKeys} KMS keys`);
  for (const key of wanted) regionOf(key);
  const plain = concatBytes([identity.privateKey, identity.authority]);
  const context = contextOf(repository);
  const rows = await Promise.all(
    wanted.map(async (key) => {
      const sealed = await service.encrypt(key, plain, context);
      if (!equalBytes(await service.decrypt(key, sealed, context), plain))
        throw new HoldfastError('key.invalid', `the KMS key ${key} did not give back what it had encrypted`);
      return { key, wrapped: hex(sealed) };
    }),
  );
  return { keys: rows };
}

/**
 * The identity, by the first key that answers: all are asked at once, so that a region that is down costs no time. Throws
 * repository.wrong-key with the reason of each.
 */
export async function unlockWithKms(slot: KeySlot, service: KeyService, where: string): Promise<Identity> {
  const context = contextOf(slot.repository);
  const reasons: string[] = [];
  const asked = kmsRows(slot, where).map(async ({ key, wrapped }) => {
    try {
      return await service.decrypt(key, wrapped, context);
    } catch (error) {
      reasons.push(asHoldfastError(error).message);
      throw error;
    }
  });
  let plain: Uint8Array;
  try {
    plain = await Promise.any(asked);
  } catch (error) {
    throw new HoldfastError('repository.wrong-key', `no KMS key of it could be used: ${reasons.join('; ')}`, {
      resource: where,
      cause: error,
    });
  }
  if (plain.length !== 2 * keyLength) throw damagedSlot(where, 'holds no key');
  return { privateKey: plain.subarray(0, keyLength), authority: plain.subarray(keyLength) };
}

/** ARNs of the KMS keys of a slot. */
export function kmsKeysOf(slot: KeySlot, where: string): string[] {
  return kmsRows(slot, where).map(({ key }) => key);
}

function kmsRows({ parameters }: KeySlot, where: string): { readonly key: string; readonly wrapped: Uint8Array }[] {
  const rows = parameters['keys'];
  if (!Array.isArray(rows) || rows.length === 0 || rows.length > mostKeys) throw damagedSlot(where, 'names no KMS key');
  return rows.map((row: unknown) => {
    const { key, wrapped } = (row ?? {}) as { readonly key?: unknown; readonly wrapped?: unknown };
    if (typeof key !== 'string') throw damagedSlot(where, 'names no KMS key');
    return { key, wrapped: slotHex(wrapped, undefined, where) };
  });
}

const arnPattern = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(key|alias)\/[\w/-]+$/;

/** Region of a KMS key. Throws key.invalid for anything but an ARN: an id alone means another key in another account. */
export function regionOf(key: string): string {
  const region = arnPattern.exec(key)?.[1];
  if (region !== undefined) return region;
  throw new HoldfastError('key.invalid', `${key} is not the ARN of a KMS key`, {
    hint: 'Write arn:aws:kms:REGION:ACCOUNT:key/ID.',
  });
}

function contextOf(repository: string): KeyContext {
  return { 'holdfast:repository': repository };
}
