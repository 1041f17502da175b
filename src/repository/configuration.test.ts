import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, createSmall, openSmall, passphrase } from '../../test/repository/small-repository.ts';
import { runs } from '../../test/runs.ts';
import { simulatedRuntime } from '../../test/simulated-time.ts';
import { isCode } from '../kernel/errors.ts';
import { createMemoryStore } from '../storage/memory/index.ts';
import {
  checkConfiguration,
  decodeConfiguration,
  encodeConfiguration,
  newConfiguration,
  type RepositoryConfiguration,
} from './configuration.ts';
import { openRepository } from './index.ts';
import { createKeyring } from './keys/keyring.ts';
import { unlock } from './keys/unlock.ts';

const runtime = simulatedRuntime(1);
const keyring = createKeyring(runtime.random.bytes(16), runtime);
const configuration = newConfiguration(keyring.repository, runtime.clock.now(), {
  ['01'.repeat(16)]: 'ab',
});

function read(bytes: Uint8Array): RepositoryConfiguration {
  const envelope = decodeConfiguration(bytes, 'config/00000001');
  checkConfiguration(envelope, keyring);
  return envelope.configuration;
}

describe('configuration', () => {
  it('comes back as it was', () => {
    expect(read(encodeConfiguration(configuration, keyring))).toEqual(configuration);
  });

  it('is refused when anything in it was changed by somebody without the key', () => {
    const changes: Partial<Record<keyof RepositoryConfiguration, unknown>>[] = [
      { compressionLevel: 19 },
      { chunkSizes: { minimum: 1, average: 2, maximum: 4 } },
      { longestSession: 1 },
      { algorithms: { ...configuration.algorithms, cipher: 'none' } },
      { repository: '00' },
      { format: 2 },
      { slots: {} },
      { slots: { ...configuration.slots, ['02'.repeat(16)]: 'cd' } },
      { epoch: 2 },
    ];
    const { signature } = JSON.parse(Buffer.from(encodeConfiguration(configuration, keyring)).toString()) as {
      signature: string;
    };
    for (const change of changes) {
      const forged = Buffer.from(JSON.stringify({ configuration: { ...configuration, ...change }, signature }));
      expect(() => read(forged)).toThrow(expect.objectContaining({ code: 'repository.corrupt' }));
    }
    const stranger = createKeyring(keyring.repository, runtime);
    expect(() => read(Buffer.from(encodeConfiguration(configuration, stranger)))).toThrow(/changed by somebody/);
  });

  it('survives any damage: it is whole, corrupt, or of a newer format', () => {
    const bytes = Buffer.from(encodeConfiguration(configuration, keyring));
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), fc.boolean(), (at, byte, cut) => {
        const damaged = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
        if (!cut) damaged[at] = byte;
        try {
          expect(read(damaged)).toEqual(configuration);
        } catch (error) {
          if (!isCode(error, 'repository.corrupt', 'repository.newer-format')) throw error;
        }
      }),
      { numRuns: runs(500, 20_000) },
    );
    for (const text of ['', 'null', '[]', '1', '{}', '{"configuration":null,"signature":""}'])
      expect(() => read(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'repository.corrupt' }));
  });

  it('refuses formats and algorithms of later versions, whoever signed them', () => {
    const later: RepositoryConfiguration[] = [
      { ...configuration, format: 2, readers: 2, writers: 2 },
      { ...configuration, algorithms: { ...configuration.algorithms, tree: 'sorted-pages-v2' as 'sorted-pages-v1' } },
      {
        ...configuration,
        algorithms: { ...configuration.algorithms, hedge: 'x' } as RepositoryConfiguration['algorithms'],
      },
    ];
    for (const one of later)
      expect(() => read(encodeConfiguration(one, keyring))).toThrow(
        expect.objectContaining({ code: 'repository.newer-format' }),
      );
  });
});

describe('opening', () => {
  it('says what is missing, wrong or there already', async () => {
    const store = createMemoryStore({ runtime });
    await expect(openSmall({ store, runtime })).rejects.toMatchObject({ code: 'repository.missing' });
    await createSmall({ store, runtime });
    await expect(createSmall({ store, runtime })).rejects.toMatchObject({ code: 'repository.exists' });
    await expect(openRepository({ store, runtime, passphrase: 'wrong' })).rejects.toMatchObject({
      code: 'repository.wrong-passphrase',
    });
    for await (const { key } of store.list('keys/')) await store.delete(key);
    await expect(openSmall({ store, runtime })).rejects.toMatchObject({ code: 'repository.corrupt' });
  });

  it('makes one repository of two that are created at once', async () => {
    const store = createMemoryStore({ runtime });
    const made = await Promise.allSettled([createSmall({ store, runtime }), createSmall({ store, runtime })]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = made.find((one): one is PromiseRejectedResult => one.status === 'rejected');
    expect(failed?.reason).toMatchObject({ code: 'repository.exists' });
    expect((await openSmall({ store, runtime })).id).toHaveLength(32);
  });

  it('opens in spite of a damaged slot beside a whole one, and of one that an unfinished init left', async () => {
    const store = createMemoryStore({ runtime });
    await createSmall({ store, runtime });
    const other = createMemoryStore({ runtime });
    await createSmall({ store: other, runtime });
    for await (const { key } of other.list('keys/')) await store.put(key, [await other.get(key)]);
    await store.put('keys/00000000000000000000000000000000', [Buffer.from('{"half":')]);
    expect((await openSmall({ store, runtime })).formatVersion).toBe(1);
  });

  it('reads and does not write what only later versions may write', async () => {
    const store = createMemoryStore({ runtime });
    const repository = await createSmall({ store, runtime });
    const session = await begin(repository);
    await session.commit([]);
    const key = 'config/00000001';
    const envelope = decodeConfiguration(await store.get(key), key);
    const { keyring: keys } = await unlock(store, envelope.configuration, { passphrase });
    await store.put('config/00000002', [encodeConfiguration({ ...envelope.configuration, writers: 2 }, keys)]);
    const reading = await openSmall({ store, runtime });
    expect((await reading.snapshots()).list).toHaveLength(1);
    await expect(begin(reading)).rejects.toMatchObject({ code: 'repository.newer-format' });
  });
});
