import { beforeAll, describe, expect, it } from 'vitest';
import { change, groupsOf } from '../../../test/corruption/damage.ts';
import { bigFiles, runtime, sample, type Sample } from '../../../test/corruption/damaged-repository.ts';
import { copyStore, keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  contentsOf,
  keyringOf,
  openSmall,
  passphrase,
  snapshotOf,
} from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { isCrash, withRecording, type CrashPoint } from '../../storage/decorators/recording.ts';
import { encodeConfiguration, newConfiguration } from '../configuration.ts';
import { plainPolicy } from '../format/document.ts';
import { newId } from '../../kernel/runtime.ts';
import { sealMark, markKey } from '../marks/mark.ts';
import { hex } from '../../kernel/bytes.ts';
import { repairConfiguration } from './configuration.ts';
import { repairedFrom } from './snapshot.ts';

let whole: Sample;
beforeAll(async () => {
  whole = await sample();
});

const settings = { dryRun: false, readData: 1, removeDamaged: false };

/** A lost index object, a flipped bit in the data and a lost page at once: every part of a repair has work. */
async function wreck(): Promise<ObjectStore> {
  const [first, second, third] = whole.snapshots;
  const store = await copyStore(whole.store, runtime);
  await store.delete(first.index);
  await change(store, second.data, async (bytes) => {
    const group = (await groupsOf(whole.store, second.data)).find(({ chunkCount }) => chunkCount === 1);
    bytes[(group?.offset ?? 0) + 100] = 1 ^ (bytes[(group?.offset ?? 0) + 100] as number);
    return bytes;
  });
  await change(store, third.snapshot, (bytes) => bytes.subarray(0, 100));
  return store;
}

/** What must be true once a repair has come to its end. */
async function isRepaired(store: ObjectStore): Promise<void> {
  const repository = await openSmall({ store, runtime });
  expect((await repository.check({ readData: 1 })).damage).toEqual([]);
  const [first, second] = whole.snapshots;
  expect(await contentsOf(repository, first.info)).toEqual(first.contents);
  const { list } = await repository.snapshots();
  const repaired = list.find(({ tags }) => tags[repairedFrom] === second.info.id);
  if (!repaired) throw new Error('the second snapshot was not repaired');
  const { logs = {}, ...others } = second.contents;
  const { [bigFiles[0]]: _lost, ...rest } = logs;
  expect(await contentsOf(repository, repaired)).toEqual({ ...others, logs: rest });
}

describe('a repair that dies', () => {
  async function dies(base: ObjectStore, crash: CrashPoint): Promise<ObjectStore> {
    const own = simulatedRuntime(5, runtime.clock.now() + 1000);
    const copy = await copyStore(base, own);
    const store = withRecording(copy, { crash });
    try {
      await (await openSmall({ store, runtime: own })).repair({ ...settings, removeDamaged: true });
    } catch (error) {
      if (!isCrash(error) && !(error instanceof HoldfastError && isCrash(error.cause))) throw error;
    }
    return copy;
  }

  it('before or after any of its writes has lost nothing, and comes to its end when it is run again', async () => {
    const base = await wreck();
    const dry = withRecording(await copyStore(base, runtime));
    await (await openSmall({ store: dry, runtime })).repair({ ...settings, removeDamaged: true });
    await isRepaired(dry);
    expect(dry.calls.length).toBeGreaterThan(15);
    for (const [call, { method, key }] of dry.calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        try {
          const store = await dies(base, { call, when });
          await runtime.clock.sleep(1000);
          await (await openSmall({ store, runtime })).repair({ ...settings, removeDamaged: true });
          await isRepaired(store);
        } catch (error) {
          throw new Error(`died ${when} call ${call} of ${dry.calls.length}: ${method} ${key}`, { cause: error });
        }
      }
    }
  }, 600_000);
});

describe('a repair', () => {
  it('tells the audit log before and after, and not where it finds nothing to do', async () => {
    const store = await wreck();
    const repository = await openSmall({ store, runtime });
    const report = await repository.repair(settings);
    const { records, problems } = await repository.audit.verify();
    expect(problems).toEqual([]);
    expect(records.map(({ action, phase }) => `${action} ${phase}`)).toEqual(['repair intent', 'repair outcome']);
    expect(records[1]?.details).toMatchObject({ chunks: report.salvaged[0]?.chunks, removed: [] });
    const copy = await copyStore(whole.store, runtime);
    const untouched = await openSmall({ store: copy, runtime });
    await untouched.repair(settings);
    expect((await untouched.audit.verify()).records).toEqual([]);
  });

  it('deletes no index object and no pack while there is anything of a newer format', async () => {
    const store = await wreck();
    const bytes = Buffer.from(await whole.store.get(whole.snapshots[0].snapshot));
    bytes.writeUInt16LE(2, 4);
    await store.put(`snapshots/${'e'.repeat(32)}`, [bytes]);
    const before = await keysOf(store, '');
    const { left } = await (await openSmall({ store, runtime })).repair({ ...settings, removeDamaged: true });
    const after = new Set(await keysOf(store, ''));
    const gone = before.filter((key) => !after.has(key));
    expect(gone.filter((key) => !key.startsWith('snapshots/'))).toEqual([]);
    expect(left.map(({ object }) => object)).toEqual([whole.snapshots[1].index]);
    expect(gone).not.toContain(`snapshots/${'e'.repeat(32)}`);
  });

  it('says what a retention lock keeps', async () => {
    const store = await wreck();
    const [, second] = whole.snapshots;
    const until = runtime.clock.now() + 3_600_000;
    await store.capabilities.extendLock?.(`snapshots/${second.info.id}`, until, 'governance');
    const { left } = await (await openSmall({ store, runtime })).repair({ ...settings, removeDamaged: true });
    expect(left).toEqual([{ object: second.snapshot, why: expect.stringContaining('locked until') as string }]);
    expect(await store.stat(second.snapshot)).toBeDefined();
  });

  it('stores again what lies in a pack that a pruner has begun to delete', async () => {
    const [first] = whole.snapshots;
    const store = await copyStore(whole.store, runtime);
    await store.delete(first.index);
    const packs = [
      { name: first.data.slice(8), kind: 'data' as const, size: 1, reason: 'orphan' as const },
      { name: first.metadata.slice(8), kind: 'metadata' as const, size: 1, reason: 'orphan' as const },
    ];
    const id = hex(newId(runtime));
    const verdict = sealMark({ id, generation: 1, packs }, await keyringOf(store), runtime, plainPolicy);
    await store.put(markKey(id, 1), [verdict]);
    await (await openSmall({ store, runtime })).repair(settings);
    await store.delete(first.data);
    await store.delete(first.metadata);
    const repository = await openSmall({ store, runtime });
    expect((await repository.check({ readData: 1 })).damage).toEqual([]);
    for (const { info, contents } of whole.snapshots) expect(await contentsOf(repository, info)).toEqual(contents);
  });

  it('is refused beside an unfinished session of the same process, and works beside one of another', async () => {
    const store = await wreck();
    const busy = await openSmall({ store, runtime });
    const session = await begin(busy);
    await expect(busy.repair(settings)).rejects.toMatchObject({ code: 'internal.bug' });
    await (await openSmall({ store, runtime })).repair({ ...settings, removeDamaged: true });
    await session.commit([]);
    await isRepaired(store);
  });
});

describe('a configuration', () => {
  const access = (store: ObjectStore) => ({ store, runtime, policy: () => plainPolicy, passphrase });

  it.each([
    ['lost', async (store: ObjectStore) => store.delete('config/00000001')],
    ['zeros', (store: ObjectStore) => change(store, 'config/00000001', (bytes) => Buffer.alloc(bytes.length))],
    [
      'changed by somebody',
      (store: ObjectStore) =>
        change(store, 'config/00000001', (bytes) =>
          Buffer.from(bytes.toString().replace('"packTarget": 1', '"packTarget": 2')),
        ),
    ],
  ])('that is %s is made again, and everything is there', async (_, damage) => {
    const store = await copyStore(whole.store, runtime);
    await damage(store);
    await expect(openSmall({ store, runtime })).rejects.toBeInstanceOf(HoldfastError);
    const planned = await repairConfiguration(access(store), true);
    await expect(openSmall({ store, runtime })).rejects.toBeInstanceOf(HoldfastError);
    expect(await repairConfiguration(access(store), false)).toEqual(planned);
    const repository = await openSmall({ store, runtime });
    expect((await repository.check({ readData: 1 })).damage).toEqual([]);
    for (const { info, contents } of whole.snapshots) expect(await contentsOf(repository, info)).toEqual(contents);
    const next = await snapshotOf(repository, whole.snapshots[2].contents);
    expect(next.totals.reused).toBe(next.totals.entries);
    await expect(repairConfiguration(access(store), false)).rejects.toMatchObject({ code: 'repository.exists' });
  });

  it('takes its settings from an earlier one that can be read', async () => {
    const store = await copyStore(whole.store, runtime);
    const keyring = await keyringOf(store);
    const slot = (await keysOf(store, 'keys/'))[0]?.slice(5) ?? '';
    const earlier = { ...newConfiguration(keyring.repository, 0, { [slot]: 'x' }), packTarget: 1_000_000 };
    await store.put('config/00000001', [encodeConfiguration(earlier, keyring)]);
    await store.put('config/00000002', [Buffer.from('{}')]);
    expect(await repairConfiguration(access(store), false)).toMatchObject({
      configuration: 'config/00000003',
      like: 'config/00000001',
    });
    expect(Buffer.from(await store.get('config/00000003')).toString()).toContain('"packTarget": 1000000');
    await openSmall({ store, runtime });
  });

  it('is not made where something contradicts it', async () => {
    const refusals: readonly (readonly [string, (store: ObjectStore) => Promise<void>])[] = [
      [
        'repository.corrupt',
        async (store) => void (await Promise.all((await keysOf(store, 'keys/')).map((key) => store.delete(key)))),
      ],
      // Sealed under a newer epoch than the slot knows.
      [
        'repository.keys-changed',
        (store) => change(store, whole.snapshots[2].index, (bytes) => (bytes.writeUInt32LE(2, 28), bytes)),
      ],
      [
        'repository.newer-format',
        (store) => change(store, whole.snapshots[2].snapshot, (bytes) => (bytes.writeUInt16LE(2, 4), bytes)),
      ],
      [
        'repository.corrupt',
        async (store) => {
          for (const prefix of ['index/', 'snapshots/'])
            for (const key of await keysOf(store, prefix))
              await change(store, key, (bytes) => ((bytes[100] = 1 ^ (bytes[100] as number)), bytes));
        },
      ],
    ];
    for (const [code, damage] of refusals) {
      const store = await copyStore(whole.store, runtime);
      await store.delete('config/00000001');
      await damage(store);
      await expect(repairConfiguration(access(store), false)).rejects.toMatchObject({ code });
      expect(await keysOf(store, 'config/')).toEqual([]);
    }
    const store = await copyStore(whole.store, runtime);
    await store.delete('config/00000001');
    const wrong = { ...access(store), passphrase: 'another' };
    await expect(repairConfiguration(wrong, false)).rejects.toMatchObject({ code: 'repository.wrong-passphrase' });
  });
});
