import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  capture,
  contentsOf,
  createSmall,
  keyringOf,
  noise,
  passphrase,
  snapshotOf,
  type Contents,
} from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { hex } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository, SnapshotInfo } from '../contract.ts';
import { openDocument, plainPolicy, sealDocument } from '../format/document.ts';
import { encodeHeader, keyModes, objectTypes, type ObjectType } from '../format/header.ts';
import { encodePackRecords, type PackRecord } from '../format/pack-directory.ts';
import { openRepository } from '../index.ts';
import { markKey, sealMark, type MarkedPack } from '../marks/mark.ts';
import { indexPrefix, readIndex } from '../index/objects.ts';
import { decodePackDirectory } from '../pack/directory.ts';
import { publicKeyOf } from './curve25519.ts';
import { deriveKey } from './derive.ts';
import { sealGroup } from './seal.ts';
import type { Keyring } from './keyring.ts';
import type { Identity } from './slots.ts';

const runtime = simulatedRuntime(1);
const contents: Contents = { site: { a: 'small', b: noise(3000, 1), c: noise(400_000, 2) } };

interface Setup {
  readonly store: ObjectStore;
  readonly owner: () => Promise<Repository>;
  readonly writer: (by?: Identity) => Promise<Repository>;
  readonly writerKey: Identity;
}

async function fresh(): Promise<Setup> {
  const store = createMemoryStore({ runtime });
  await createSmall({ store, runtime });
  const settings = { workers: 0 };
  const owner = (): Promise<Repository> => openRepository({ store, runtime, passphrase, settings });
  const { keys } = await owner();
  const writerKey: Identity = { privateKey: runtime.random.bytes(32), authority: Buffer.from(keys.authority, 'hex') };
  await addWriter(await owner(), writerKey);
  const writer = (by = writerKey): Promise<Repository> => openRepository({ store, runtime, writerKey: by, settings });
  return { store, owner, writer, writerKey };
}

async function addWriter({ keys }: Repository, { privateKey }: Identity): Promise<void> {
  const publicKey = publicKeyOf('x25519', privateKey);
  await keys.add({ role: 'writer', label: 'web-1', by: { kind: 'recipient', publicKey } });
}

async function written(store: ObjectStore, work: () => Promise<SnapshotInfo>): Promise<string[]> {
  const before = new Set(await keysOf(store, ''));
  await work();
  return (await keysOf(store, '')).filter((key) => /^(data|meta)/.test(key) && !before.has(key));
}

/** What a resource did since its last capture is told in its record, which is metadata and differs. */
function data(keys: readonly string[]): string[] {
  return keys.filter((key) => key.startsWith('data/'));
}

describe('a writer that cannot read', () => {
  it('takes snapshots that an owner restores, and that are marked as a writer’s', async () => {
    const { owner, writer } = await fresh();
    const info = await snapshotOf(await writer(), contents);
    const opened = await owner();
    const { list } = await opened.snapshots();
    expect(list).toEqual([info]);
    expect(info.writer).toBe(true);
    expect(await contentsOf(opened, info)).toEqual(contents);
    expect((await opened.verify({ readData: 1 })).damage).toEqual([]);
  });

  it('stores nothing twice that it stored before, also in a later session and under a later epoch', async () => {
    const { store, owner, writer } = await fresh();
    expect((await written(store, async () => snapshotOf(await writer(), contents))).length).toBeGreaterThan(1);
    expect(data(await written(store, async () => snapshotOf(await writer(), contents)))).toEqual([]);
    await (await owner()).keys.rekey();
    expect(data(await written(store, async () => snapshotOf(await writer(), contents)))).toEqual([]);
    const more = { site: { ...contents['site'], d: noise(2000, 3) } };
    const info = await snapshotOf(await writer(), more);
    expect(await contentsOf(await owner(), info)).toEqual(more);
  });

  it('cannot do anything but add', async () => {
    const { owner, writer } = await fresh();
    const info = await snapshotOf(await writer(), contents);
    const repository = await writer();
    expect(repository.writeOnly).toBe(true);
    const refused = { code: 'repository.write-only' };
    await expect(repository.snapshots()).rejects.toMatchObject(refused);
    await expect(repository.find('latest')).rejects.toMatchObject(refused);
    await expect(repository.open(info)).rejects.toMatchObject(refused);
    await expect(repository.verify({ readData: 1 })).rejects.toMatchObject(refused);
    await expect(repository.keys.rekey()).rejects.toMatchObject(refused);
    await expect(repository.keys.revoke('0')).rejects.toMatchObject(refused);
    await expect(begin(repository, true)).rejects.toMatchObject(refused);
    expect((await snapshotOf(repository, contents)).writer).toBe(true);
    expect((await owner()).writeOnly).toBe(false);
  });

  it('heeds marks: it stores again what lies in packs that are to be deleted, and gives up what a verdict took', async () => {
    const { store, owner, writer } = await fresh();
    await snapshotOf(await writer(), contents);
    const keyring = await keyringOf(store);
    const packs = (await recordsOf(keyring, store)).map(({ id, kind, size }): MarkedPack => ({
      name: hex(id),
      kind,
      size,
      reason: 'unused',
    }));
    const mark = async (id: string, generation?: number): Promise<void> => {
      const made = { id: id.repeat(32), packs, ...(generation === undefined ? {} : { generation }) };
      await store.put(markKey(made.id, generation), [sealMark(made, keyring, runtime, plainPolicy)]);
    };
    const late = await begin(await writer());
    await capture(late, 'site', contents['site'] as Record<string, string>);
    await mark('a');
    expect((await written(store, async () => snapshotOf(await writer(), contents))).length).toBeGreaterThan(1);
    await mark('a', 1);
    await expect(late.commit([])).rejects.toMatchObject({ code: 'repository.session-too-long' });
    const [, second] = (await (await owner()).snapshots()).list;
    expect(await contentsOf(await owner(), second as SnapshotInfo)).toEqual(contents);
  });

  it('lists, before it is committed, what its snapshot will hold', async () => {
    const { owner, writer } = await fresh();
    const session = await begin(await writer());
    for (const name of ['b', 'a']) await capture(session, name, { x: name });
    const records = session.records();
    const info = await session.commit([]);
    const reader = await (await owner()).open(info);
    const stored = [];
    for await (const record of reader.resources()) stored.push(record);
    expect(stored).toEqual(records);
  });
});

describe('whoever takes all that a writer has', () => {
  it('opens nothing in the store but its own index objects', async () => {
    const { store, owner, writer, writerKey } = await fresh();
    await snapshotOf(await owner(), { site: { a: 'of the owner', b: noise(5000, 9) } });
    await snapshotOf(await writer(), contents);
    const unfinished = await begin(await writer());
    await capture(unfinished, 'site', { x: 'not committed' });
    await unfinished.suspend();
    const other = { privateKey: runtime.random.bytes(32), authority: writerKey.authority as Uint8Array };
    await addWriter(await owner(), other);
    await snapshotOf(await writer(other), { other: { y: noise(3000, 4) } });
    const keyring = await keyringOf(store, { writerKey });
    const opened: string[] = [];
    let tried = 0;
    for (const key of await keysOf(store, '')) {
      if (/^(config|keys|leases)\//.test(key)) continue;
      const bytes = await store.get(key);
      // As what it is, and as whatever else its header could be made to say.
      for (const type of Object.keys(objectTypes) as ObjectType[])
        for (const mode of Object.values(keyModes)) {
          const relabelled = Uint8Array.from(bytes);
          relabelled[6] = objectTypes[type];
          relabelled[27] = mode;
          tried++;
          if (opens(keyring, type, relabelled)) opened.push(`${key} ${type} ${mode}`);
        }
    }
    expect(tried).toBeGreaterThan(200);
    expect(opened.filter((one) => !/^(index\/\S+ index 2|marks\/\S+ mark 0)$/.test(one))).toEqual([]);
    const own = opened.map((one) => one.split(' ')[0] as string).filter((key) => key.startsWith(indexPrefix));
    const packs = await Promise.all(own.map(async (key) => readIndex(keyring, await store.get(key), key)));
    expect(packs.flat().every((pack) => pack.keyMode === 'recipient')).toBe(true);
    expect(own.length).toBeLessThan((await keysOf(store, indexPrefix)).length);
  });

  it('makes owners neither rely on what it stored nor believe what it says of their packs', async () => {
    const { store, owner, writer, writerKey } = await fresh();
    const info = await snapshotOf(await owner(), contents);
    // What an owner stored, a writer cannot know of: it stores it again, and so does an owner after a writer.
    expect((await written(store, async () => snapshotOf(await writer(), contents))).length).toBeGreaterThan(1);
    const more = { site: { z: noise(5000, 7) } };
    await snapshotOf(await writer(), more);
    expect((await written(store, async () => snapshotOf(await owner(), more))).length).toBeGreaterThan(1);
    const keyring = await keyringOf(store, { writerKey });
    const ownerRecords = await recordsOf(await keyringOf(store), store);
    const victim = ownerRecords.find((pack) => pack.keyMode === 'epoch') as PackRecord;
    const lies: PackRecord[][] = [
      [{ ...victim, groups: [] }],
      [{ ...victim, keyMode: 'recipient', writer: new Uint8Array(16), groups: [] }],
    ];
    for (const [i, lie] of lies.entries()) {
      const bytes = sealDocument(keyring, 'index', encodePackRecords(lie), runtime, plainPolicy);
      // Its name sorts before all others.
      await store.put(`${indexPrefix}${String(i).padStart(32, '0')}`, [bytes]);
    }
    const own: PackRecord = { ...victim, keyMode: 'recipient', writer: keyring.writer?.id as Uint8Array, groups: [] };
    await store.put(`${indexPrefix}${'0'.repeat(31)}f`, [
      sealDocument(keyring, 'index', encodePackRecords([own]), runtime, plainPolicy),
    ]);
    const opened = await owner();
    expect(await contentsOf(opened, info)).toEqual(contents);
    const { damage } = await opened.verify({ readData: 1 });
    expect(damage.map(({ object }) => object)).toEqual(
      [0, 1].map((i) => `${indexPrefix}${String(i).padStart(32, '0')}`),
    );
  });

  it('makes no mark or audit record, and no checkpoint that an owner goes on with', async () => {
    const { store, owner, writer, writerKey } = await fresh();
    const keyring = await keyringOf(store, { writerKey });
    for (const type of ['mark', 'audit'] as const)
      expect(() => sealDocument(keyring, type, new Uint8Array(1), runtime, plainPolicy)).toThrow(
        expect.objectContaining({ code: 'repository.write-only' }),
      );
    // Sealed as marks are, by all that a writer has, and signed by somebody else.
    const [epoch] = keyring.writer?.epochs ?? [];
    const fields = {
      ...plainPolicy,
      type: 'mark',
      kind: 'metadata',
      createdAt: 0,
      keyMode: 'epoch',
      epoch: 1,
    } as const;
    const header = encodeHeader({ ...fields, salt: new Uint8Array(32) });
    const key = deriveKey(epoch?.notice as Uint8Array, new Uint8Array(32), 'holdfast/v1/object/mark');
    const made = { key, repository: keyring.repository, kind: 'metadata' as const, objectHeader: header };
    const group = sealGroup(made, 'document', Buffer.alloc(200), Buffer.alloc(12), 3);
    expect(() => openDocument(keyring, 'mark', Buffer.concat([header, group]), 'x')).toThrow('not signed');
    const session = await begin(await writer());
    await capture(session, 'site', { x: 'made up' });
    await session.suspend();
    await expect(begin(await owner(), true)).rejects.toMatchObject({ code: 'snapshot.nothing-to-resume' });
    await snapshotOf(await writer(), contents);
    // Not compared with what a writer made up, either.
    expect((await snapshotOf(await owner(), contents)).parent).toBeUndefined();
  });

  it('is kept out by taking its slot away, and by nothing else', async () => {
    const { owner, writer } = await fresh();
    const before = await writer();
    const { keys } = await owner();
    const slot = (await keys.list()).find(({ role }) => role === 'writer');
    await keys.revoke(slot?.id ?? '');
    await expect(writer()).rejects.toMatchObject({ code: 'repository.wrong-key' });
    // A process that has the keys goes on with them.
    expect(await contentsOf(await owner(), await snapshotOf(before, contents))).toEqual(contents);
  });
});

function opens(keyring: Keyring, type: ObjectType, bytes: Uint8Array): boolean {
  try {
    if (type === 'pack') decodePackDirectory(keyring, 'x', bytes, bytes);
    else openDocument(keyring, type, bytes, 'x');
    return true;
  } catch (error) {
    if (isCode(error, 'repository.corrupt', 'repository.write-only')) return false;
    throw error;
  }
}

async function recordsOf(keyring: Keyring, store: ObjectStore): Promise<PackRecord[]> {
  const records: PackRecord[] = [];
  for (const key of await keysOf(store, indexPrefix)) records.push(...readIndex(keyring, await store.get(key), key));
  return records;
}
