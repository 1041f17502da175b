import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { hex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { createKeyring, encodeKeyring, type Keyring } from './keyring.ts';
import { createPassphraseSlot, decodeSlot, encodeSlot, openPassphraseSlot, type KeySlot } from './slots.ts';

const runtime = simulatedRuntime(1);
const cheap = { n: 2, r: 8, p: 1 };
const keyring = createKeyring(runtime.random.bytes(16), runtime);

function slotOf(passphrase: string): Promise<KeySlot> {
  return createPassphraseSlot(keyring, passphrase, 'passphrase', runtime, cheap);
}

async function opened(slot: KeySlot, passphrase: string): Promise<string | undefined> {
  const found: Keyring | undefined = await openPassphraseSlot(slot, passphrase, 'keys/1');
  return found && hex(encodeKeyring(found));
}

describe('key slot', () => {
  it('opens with its passphrase, however that is composed, and with no other', async () => {
    const passphrases = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(passphrases, passphrases, async (right, wrong) => {
        const slot = decodeSlot(encodeSlot(await slotOf(right)), 'keys/1');
        expect(await opened(slot, right)).toBe(hex(encodeKeyring(keyring)));
        if (wrong.normalize('NFC') !== right.normalize('NFC')) expect(await opened(slot, wrong)).toBeUndefined();
      }),
      { numRuns: runs(30, 1000) },
    );
    // é typed as one code point, and as e with an accent.
    expect(await opened(await slotOf('caf\u00e9'), 'cafe\u0301')).toBeDefined();
  });

  it('wraps the same keys differently each time', async () => {
    const [a, b] = [await slotOf('same'), await slotOf('same')];
    expect(a.salt).not.toBe(b.salt);
    expect(a.wrapped).not.toBe(b.wrapped);
  });

  it('does not open when anything that it vouches for was changed', async () => {
    const slot = await slotOf('right');
    const flip = (text: string): string => (text.startsWith('0') ? `1${text.slice(1)}` : `0${text.slice(1)}`);
    const tampered: KeySlot[] = [
      { ...slot, repository: flip(slot.repository) },
      { ...slot, salt: flip(slot.salt) },
      { ...slot, nonce: flip(slot.nonce) },
      { ...slot, wrapped: flip(slot.wrapped) },
      { ...slot, parameters: { ...slot.parameters, n: 4 } },
      { ...slot, parameters: { ...slot.parameters, extra: 1 } },
    ];
    for (const one of tampered) expect(await opened(one, 'right')).toBeUndefined();
    expect(await opened({ ...slot, kind: 'kms-v1' }, 'right')).toBeUndefined();
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
  ])('refuses a forged slot that asks for %s', async (_, parameters) => {
    const forged = { ...(await slotOf('right')), parameters };
    await expect(opened(forged, 'right')).rejects.toMatchObject({ code: 'repository.corrupt', resource: 'keys/1' });
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
