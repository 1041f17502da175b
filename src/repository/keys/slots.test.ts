import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { hex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { publicKeyOf } from './curve25519.ts';
import { newIdentity } from './key-text.ts';
import { authorityOf, createKeyring, encodeKeyring, type Keyring } from './keyring.ts';
import { lockWithPassphrase, passphraseKind, unlockWithPassphrase } from './kinds/passphrase.ts';
import {
  decodeSlot,
  encodeSlot,
  openSlot,
  sealSlot,
  type KeySlot,
  type SlotParameters,
  type SlotRole,
} from './slots.ts';

const runtime = simulatedRuntime(1);
const cheap = { n: 2, r: 8, p: 1 };
const keyring = createKeyring(runtime.random.bytes(16), runtime);
const corrupt = expect.objectContaining({ code: 'repository.corrupt', resource: 'keys/1' });

async function slotOf(passphrase: string, role: SlotRole = 'owner', of: Keyring = keyring): Promise<KeySlot> {
  const identity = { ...newIdentity(runtime), authority: authorityOf(of) };
  const parameters = await lockWithPassphrase(identity, passphrase, runtime, cheap);
  const recipient = hex(publicKeyOf('x25519', identity.privateKey));
  return sealSlot({ kind: passphraseKind, role, label: 'me', parameters, recipient }, of, 'now', runtime);
}

async function opened(slot: KeySlot, passphrase: string): Promise<Keyring | undefined> {
  const identity = await unlockWithPassphrase(slot, passphrase, 'keys/1');
  return identity && openSlot(slot, identity, 'keys/1');
}

describe('key slot', () => {
  it('opens with its passphrase, however that is composed, and with no other', async () => {
    const passphrases = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(passphrases, passphrases, async (right, wrong) => {
        const slot = decodeSlot(encodeSlot(await slotOf(right)), 'keys/1');
        expect(await opened(slot, right)).toEqual(keyring);
        if (wrong.normalize('NFC') !== right.normalize('NFC')) expect(await opened(slot, wrong)).toBeUndefined();
      }),
      { numRuns: runs(30, 1000) },
    );
    // é typed as one code point, and as e with an accent.
    expect(await opened(await slotOf('caf\u00e9'), 'cafe\u0301')).toBeDefined();
  });

  it('wraps the same keys differently each time', async () => {
    const [a, b] = [await slotOf('same'), await slotOf('same')];
    expect(new Set([a.recipient, a.ephemeral, a.wrapped, b.recipient, b.ephemeral, b.wrapped]).size).toBe(6);
  });

  it("gives a writer no secret of an epoch, and the same keys each time it is sealed to the writer's public key", async () => {
    const slot = await slotOf('writer', 'writer');
    const found = (await opened(slot, 'writer')) as Keyring;
    expect(found.epochs).toEqual([]);
    expect(found.writer?.epochs.map(({ epoch }) => epoch)).toEqual([1]);
    const secret = hex(keyring.epochs[0]?.secret ?? new Uint8Array(0));
    expect(hex(encodeKeyring(found))).not.toContain(secret);
    expect(await opened(sealSlot(slot, keyring, 'later', runtime), 'writer')).toEqual(found);
  });

  it('does not open when anything that it vouches for was changed', async () => {
    const slot = await slotOf('right');
    const flip = (text: string): string => (text.startsWith('0') ? `1${text.slice(1)}` : `0${text.slice(1)}`);
    const tampered: KeySlot[] = [
      { ...slot, repository: flip(slot.repository) },
      { ...slot, recipient: flip(slot.recipient) },
      { ...slot, ephemeral: flip(slot.ephemeral) },
      { ...slot, wrapped: flip(slot.wrapped) },
      { ...slot, role: 'writer' },
      { ...slot, label: 'somebody else' },
      { ...slot, createdAt: 'yesterday' },
      { ...slot, kind: 'x25519-v1' },
      { ...slot, parameters: { ...slot.parameters, extra: 1 } },
      { ...slot, ephemeral: '00'.repeat(32) },
    ];
    for (const one of tampered) await expect(opened(one, 'right')).rejects.toThrow(corrupt);
    const locked = { ...slot.parameters, locked: flip(slot.parameters['locked'] as string) };
    expect(await opened({ ...slot, parameters: locked }, 'right')).toBeUndefined();
  });

  it('notices the keys of another repository, sealed to its public key by somebody who can write to the store', async () => {
    const slot = await slotOf('right');
    const others = createKeyring(keyring.repository, runtime);
    const planted = sealSlot(slot, others, slot.createdAt, runtime);
    await expect(opened(planted, 'right')).rejects.toThrow(/another repository/);
  });

  it.each([
    ['no cost', {}],
    ['a cost of nothing', { n: 0, r: 8, p: 1 }],
    ['a cost that is no power of two', { n: 1000, r: 8, p: 1 }],
    ['a fractional cost', { n: 2, r: 1.5, p: 1 }],
    ['a cost in text', { n: '65536', r: 8, p: 1 }],
    ['a negative cost', { n: -2, r: 8, p: 1 }],
    ['4 GiB of memory', { n: 1 << 20, r: 32, p: 1 }],
    ['all memory there is', { n: 2 ** 40, r: 2 ** 20, p: 1 }],
    ['a year of work', { n: 65_536, r: 8, p: 2 ** 30 }],
  ] satisfies [string, SlotParameters][])('refuses a forged slot that asks for %s', async (_, cost) => {
    const slot = await slotOf('right');
    const { n: _n, r: _r, p: _p, ...kept } = slot.parameters;
    await expect(opened({ ...slot, parameters: { ...kept, ...cost } }, 'right')).rejects.toThrow(corrupt);
  });

  it('survives any damage to its object: it opens, does not open, or is corrupt', async () => {
    const bytes = Buffer.from(encodeSlot(await slotOf('right')));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), fc.boolean(), async (at, byte, cut) => {
        const damaged = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
        if (!cut) damaged[at] = byte;
        try {
          await opened(decodeSlot(damaged, 'keys/1'), 'right');
        } catch (error) {
          expect(error).toBeInstanceOf(HoldfastError);
          expect(isCode(error, 'repository.corrupt'), String(error)).toBe(true);
        }
      }),
      { numRuns: runs(400, 20_000) },
    );
    for (const text of ['', 'null', '[]', '1', '{}', '{"parameters":null}'])
      expect(() => decodeSlot(Buffer.from(text), 'keys/1')).toThrow(
        expect.objectContaining({ code: 'repository.corrupt' }),
      );
  });
});
