import { createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../test/repository/small-repository.ts';
import { runs } from '../../../test/runs.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { isCode } from '../../kernel/errors.ts';
import { openDocument, plainPolicy, sealDocument } from '../format/document.ts';
import { createKeyring, decodeKeyring, encodeKeyring, idKeys } from './keyring.ts';
import { chunkId } from '../chunks/id.ts';
import { openGroup, sealGroup, type SealContext } from './seal.ts';

const runtime = simulatedRuntime(1);
const keyring = createKeyring(runtime.random.bytes(16), runtime);
const context: SealContext = {
  key: createSecretKey(runtime.random.bytes(32)),
  repository: keyring.repository,
  kind: 'data',
};
const nonce = new Uint8Array(12);
const corrupt = expect.objectContaining({ code: 'repository.corrupt' });

/** Any flip of one byte and any cut are repository.corrupt, or of a newer format. */
function refusesDamage(bytes: Uint8Array, open: (bytes: Uint8Array) => unknown): void {
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
      const damaged = cut ? bytes.subarray(0, at) : Uint8Array.from(bytes);
      if (!cut) damaged[at] = (damaged[at] as number) ^ flip;
      try {
        open(damaged);
      } catch (error) {
        if (isCode(error, 'repository.corrupt', 'repository.newer-format')) return;
        throw error;
      }
      throw new Error(`damage at ${at} was not noticed`);
    }),
    { numRuns: runs(300, 20_000) },
  );
}

describe('sealed group', () => {
  it('gives back what was sealed, compressible or not', () => {
    for (const plain of ['', 'a'.repeat(10_000), noise(10_000, 1)]) {
      const bytes = sealGroup(context, 'chunks', Buffer.from(plain, 'latin1'), nonce, 3);
      expect(Buffer.from(openGroup(context, bytes, 'x').plain).toString('latin1')).toBe(plain);
      if (plain.startsWith('aaa')) expect(bytes.length).toBeLessThan(300);
    }
  });

  it('refuses any damage', () => {
    for (const plain of ['b'.repeat(500), noise(200, 2)])
      refusesDamage(sealGroup(context, 'chunks', Buffer.from(plain, 'latin1'), nonce, 3), (bytes) =>
        openGroup(context, bytes, 'x'),
      );
  });

  it('is bound to its kind, its repository, its key and its object', () => {
    const bytes = sealGroup(context, 'chunks', Buffer.from('secret'), nonce, 3);
    const others: SealContext[] = [
      { ...context, kind: 'metadata' },
      { ...context, repository: runtime.random.bytes(16) },
      { ...context, key: createSecretKey(runtime.random.bytes(32)) },
      { ...context, objectHeader: new Uint8Array(64) },
    ];
    for (const other of others) expect(() => openGroup(other, bytes, 'x')).toThrow(corrupt);
  });
});

describe('document', () => {
  const bytes = sealDocument(keyring, 'snapshot', Buffer.from('a snapshot'), runtime, plainPolicy);

  it('opens as what it is, and as nothing else', () => {
    expect(Buffer.from(openDocument(keyring, 'snapshot', bytes, 'x')).toString()).toBe('a snapshot');
    for (const type of ['index', 'checkpoint'] as const)
      expect(() => openDocument(keyring, type, bytes, 'x')).toThrow(corrupt);
    const relabelled = Uint8Array.from(bytes);
    relabelled[6] = 2;
    expect(() => openDocument(keyring, 'index', relabelled, 'x')).toThrow(corrupt);
    const stranger = createKeyring(keyring.repository, runtime);
    expect(() => openDocument(stranger, 'snapshot', bytes, 'x')).toThrow(corrupt);
  });

  it('refuses any damage, of its header too', () => {
    refusesDamage(bytes, (damaged) => openDocument(keyring, 'snapshot', damaged, 'x'));
  });
});

describe('ids', () => {
  it('of data never stand for metadata, nor for another repository', () => {
    const content = Buffer.from('the same bytes');
    const ids = idKeys(keyring);
    const others = idKeys(createKeyring(keyring.repository, runtime));
    expect(chunkId(ids, 'data', content)).toEqual(chunkId(ids, 'data', content));
    expect(chunkId(ids, 'data', content)).not.toEqual(chunkId(ids, 'metadata', content));
    expect(chunkId(ids, 'data', content)).not.toEqual(chunkId(others, 'data', content));
  });

  it('stay the same through the keyring of a slot', () => {
    const again = decodeKeyring(encodeKeyring(keyring));
    expect(chunkId(idKeys(again), 'data', Buffer.from('x'))).toEqual(
      chunkId(idKeys(keyring), 'data', Buffer.from('x')),
    );
  });
});
