import { describe, expect, it } from 'vitest';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  capture,
  contentsOf,
  createSmall,
  keyringOf,
  noise,
  openSmall,
  snapshotOf,
} from '../../../test/repository/small-repository.ts';
import { hex } from '../../kernel/bytes.ts';
import { newId, type Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { plainPolicy } from '../format/document.ts';
import { markKey, openMark, parseMarkKey, sealMark, type Mark } from './mark.ts';

const contents = { tools: { a: noise(5000, 'a'), b: noise(5000, 'b') } };
const days = 24 * 3_600_000;

async function make() {
  const runtime = simulatedRuntime(1);
  const store = withFaults(createMemoryStore({ runtime }), { runtime });
  const repository = await createSmall({ store, runtime });
  return { runtime, store, repository, reopen: () => openSmall({ store, runtime }) };
}

/** A mark, or with a generation a verdict, that names all packs there are. */
async function markAll(store: ObjectStore, runtime: Runtime, generation?: number): Promise<string> {
  const keyring = await keyringOf(store);
  const id = hex(newId(runtime));
  const packs: Mark['packs'] = (await Promise.all(['data/', 'meta/'].map((prefix) => keysOf(store, prefix))))
    .flat()
    .map((key) => ({
      name: key.slice(8),
      kind: key.startsWith('data') ? 'data' : 'metadata',
      size: 1,
      reason: 'unused',
    }));
  const mark: Mark = { id, packs, ...(generation === undefined ? {} : { generation }) };
  await store.put(markKey(id, generation), [sealMark(mark, keyring, runtime, plainPolicy)]);
  return id;
}

describe('marks', () => {
  it('are read as they were written, and under their own name only', async () => {
    const { store, runtime } = await make();
    const keyring = await keyringOf(store);
    const packs: Mark['packs'] = [
      { name: 'ab'.repeat(32), kind: 'data', size: 17_000_000, reason: 'unused' },
      { name: 'cd'.repeat(32), kind: 'data', size: 2 ** 40, reason: 'rewritten' },
      { name: 'ef'.repeat(32), kind: 'metadata', size: 0, reason: 'orphan' },
    ];
    const mark: Mark = { id: hex(newId(runtime)), generation: 12, packs };
    const key = markKey(mark.id, 12);
    const bytes = sealMark(mark, keyring, runtime, plainPolicy);
    expect(openMark(keyring, bytes, key)).toEqual(mark);
    expect(() => openMark(keyring, bytes, markKey(mark.id, 13))).toThrow(/holds mark/);
    expect(parseMarkKey(key)).toEqual({ id: mark.id, generation: 12 });
    expect(parseMarkKey(markKey(mark.id))).toEqual({ id: mark.id });
    expect(parseMarkKey('marks/other')).toBeUndefined();
  });

  it.each([undefined, 3])('make a writer store again what lies in the packs (verdict: %s)', async (generation) => {
    const { store, runtime, repository, reopen } = await make();
    const before = await snapshotOf(repository, contents);
    const packs = await keysOf(store, 'data/');
    await markAll(store, runtime, generation);
    const later = await reopen();
    const info = await snapshotOf(later, contents);
    expect(info.totals.reused).toBe(0);
    expect(info.totals.storedBytes).toBeGreaterThan(10_000);
    // Readers still find the marked ones, and the new snapshot needs none of them.
    expect(await contentsOf(later, before)).toEqual(contents);
    for (const key of packs) await store.delete(key);
    for (const key of await keysOf(store, 'meta/')) if (key.length > 100) await store.delete(key);
    expect(await contentsOf(await reopen(), info)).toEqual(contents);
  });

  it('are read again when a session begins, however long the repository has been open', async () => {
    const { store, runtime, repository } = await make();
    await snapshotOf(repository, contents);
    const packs = [...(await keysOf(store, 'data/')), ...(await keysOf(store, 'meta/'))];
    await markAll(store, runtime);
    const info = await snapshotOf(repository, contents);
    expect(info.totals.reused).toBe(0);
    for (const key of packs) await store.delete(key);
    expect(await contentsOf(repository, info)).toEqual(contents);
  });

  it('unknown to a session do not stop it', async () => {
    const { store, runtime, repository } = await make();
    await snapshotOf(repository, contents);
    const session = await begin(repository);
    expect((await capture(session, 'tools', contents.tools)).reused).toBe(2);
    await markAll(store, runtime);
    await session.commit([]);
    expect((await repository.snapshots()).list).toHaveLength(2);
  });

  it('that became verdicts unknown to a session end it when it counts on what they name', async () => {
    const { store, runtime, repository } = await make();
    await snapshotOf(repository, contents);
    const session = await begin(repository);
    await capture(session, 'tools', { ...contents.tools, c: noise(9000, 'c') });
    await markAll(store, runtime, 5);
    await expect(session.commit([])).rejects.toMatchObject({ code: 'repository.session-too-long' });
    expect((await repository.snapshots()).list).toHaveLength(1);
  });

  it('that became verdicts unknown to a session let it be when it counts on nothing they name', async () => {
    const { store, runtime, repository } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', contents.tools);
    await markAll(store, runtime, 5);
    await session.commit([]);
    expect((await repository.snapshots()).list).toHaveLength(1);
  });

  it('and what a session that is resumed counted on: its knowledge goes with its checkpoint', async () => {
    const { store, runtime, repository, reopen } = await make();
    await snapshotOf(repository, contents);
    await runtime.clock.sleep(1000);
    const session = await begin(repository);
    await capture(session, 'tools', contents.tools);
    await session.suspend();
    await markAll(store, runtime, 5);
    const resumed = await begin(await reopen(), true);
    expect([...resumed.finished.keys()]).toEqual(['local/tools']);
    await expect(resumed.commit([])).rejects.toMatchObject({ code: 'repository.session-too-long' });
    const fresh = await reopen();
    const info = await snapshotOf(fresh, contents);
    expect(info.totals.reused).toBe(0);
  });

  it('made while a commit was frozen take its snapshot back', async () => {
    const { store, runtime, repository } = await make();
    await snapshotOf(repository, contents);
    const session = await begin(repository);
    await capture(session, 'tools', contents.tools);
    // Stopped between its last look at the leases and its put; a pruner marks, waits, and decides.
    store.addFault({
      method: 'put',
      match: ({ key }) => key.startsWith('snapshots/'),
      callback: async () => {
        await markAll(store, runtime);
        await store.put('leases/0000000099', [Buffer.from('{"lasts":20000,"owner":"pruner"}')]);
      },
    });
    await expect(session.commit([])).rejects.toMatchObject({ code: 'repository.lease-lost' });
    expect((await repository.snapshots()).list).toHaveLength(1);
  });

  it('do not take back a snapshot of a frozen commit that needs nothing they name', async () => {
    const { store, runtime, repository } = await make();
    await snapshotOf(repository, contents);
    await markAll(store, runtime);
    const session = await begin(repository);
    await capture(session, 'tools', contents.tools);
    store.addFault({
      method: 'put',
      match: ({ key }) => key.startsWith('snapshots/'),
      callback: async () => {
        await store.put('leases/0000000099', [Buffer.from('{"lasts":20000,"owner":"pruner"}')]);
      },
    });
    await session.commit([]);
    expect((await repository.snapshots()).list).toHaveLength(2);
  });

  it('that cannot be read end a session that did not know them, when they are decided or it was frozen', async () => {
    const { store, runtime, repository } = await make();
    await snapshotOf(repository, contents);
    const session = await begin(repository);
    await capture(session, 'tools', contents.tools);
    await store.put(markKey('cd'.repeat(16), 4), [Buffer.from('garbage')]);
    await expect(session.commit([])).rejects.toMatchObject({ code: 'repository.session-too-long' });
    expect((await repository.snapshots()).list).toHaveLength(1);
    const next = await openSmall({ store, runtime });
    const frozen = await begin(next);
    await capture(frozen, 'tools', contents.tools);
    store.addFault({
      method: 'put',
      match: ({ key }) => key.startsWith('snapshots/'),
      callback: async () => {
        await store.put(markKey('ef'.repeat(16)), [Buffer.from('garbage')]);
        await store.put('leases/0000000099', [Buffer.from('{"lasts":20000,"owner":"pruner"}')]);
      },
    });
    await expect(frozen.commit([])).rejects.toMatchObject({ code: 'repository.lease-lost' });
    await store.delete(markKey('ef'.repeat(16)));
    await snapshotOf(await openSmall({ store, runtime }), contents);
    expect((await repository.snapshots()).list).toHaveLength(2);
  });

  it('that cannot be read stop no snapshot', async () => {
    const { store, repository, reopen } = await make();
    await store.put(markKey('ab'.repeat(16)), [Buffer.from('garbage')]);
    await snapshotOf(repository, contents);
    expect(await contentsOf(await reopen(), await repository.find('latest'))).toEqual(contents);
  });
});

describe('time', () => {
  it('is the store’s: a clock that jumps ends no session, and a session that is too long ends whatever the clock says', async () => {
    const { store, runtime } = await make();
    let ahead = 0;
    const jumping = { ...runtime, clock: { ...runtime.clock, now: () => runtime.clock.now() + ahead } };
    const repository = await openSmall({ store, runtime: jumping });
    const quick = await begin(repository);
    await capture(quick, 'tools', contents.tools);
    ahead = 30 * days;
    await quick.commit([]);
    const slow = await begin(repository);
    await capture(slow, 'tools', contents.tools);
    await runtime.clock.sleep(8 * days);
    ahead = 0;
    await expect(slow.commit([])).rejects.toMatchObject({ code: 'repository.session-too-long' });
  });
});
