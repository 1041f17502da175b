import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  capture,
  contentsOf,
  createSmall,
  keyringOf,
  noise,
  openSmall,
  refOf,
  snapshotOf,
} from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { withFaults, type FaultyStore } from '../../storage/decorators/faults.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository } from '../contract.ts';
import type { Session } from './contract.ts';
import { plainPolicy } from '../format/document.ts';
import { markKey, sealMark } from '../marks/mark.ts';

const text = noise(5000, 'x');

interface Made {
  readonly runtime: ReturnType<typeof simulatedRuntime>;
  readonly store: FaultyStore;
  readonly repository: Repository;
  readonly events: HoldfastEvent[];
  /** The same store, opened by somebody else. */
  reopen(): Promise<Repository>;
}

async function make(seed = 1): Promise<Made> {
  const runtime = simulatedRuntime(seed);
  const store = withFaults(createMemoryStore({ runtime }), { runtime });
  const events: HoldfastEvent[] = [];
  const repository = await createSmall({ store, runtime, events: (event) => events.push(event) });
  return { runtime, store, repository, events, reopen: () => openSmall({ store, runtime }) };
}

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${String(i).padStart(4, '0')}`, noise(200, i)]));
}

/** Begins a resource whose only content comes when `release` is called. */
async function straggle(session: Session): Promise<() => void> {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const resource = await session.resource({ ref: refOf('slow'), source: 'slow', tags: {} });
  await resource.sink.collection('files').add({
    key: 'late',
    kind: 'blob',
    async load() {
      await gate;
      return { content: Buffer.from(text, 'latin1') };
    },
  });
  return release;
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a session', () => {
  it.each(['commit', 'suspend'] as const)(
    'takes no content after its %s: the next one would count on it',
    async (end) => {
      const { repository, reopen } = await make();
      const session = await begin(repository);
      const release = await straggle(session);
      await capture(session, 'tools', { a: 'one' });
      await (end === 'commit' ? session.commit([]) : session.suspend());
      release();
      await turns();
      const info = await snapshotOf(repository, { tools: { a: text } });
      const again = await reopen();
      expect((await again.verify({ readData: 1 })).damage).toEqual([]);
      expect(await contentsOf(again, info)).toEqual({ tools: { a: text } });
    },
  );

  it('names in an index what a failed attempt had stored', async () => {
    const { store, repository, reopen } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', { a: text });
    store.addFault({ method: 'put', match: ({ key }) => key.startsWith('index/'), error: 'storage.unavailable' });
    await expect(session.commit([])).rejects.toMatchObject({ code: 'storage.unavailable' });
    const info = await session.commit([]);
    const again = await reopen();
    expect((await again.verify({ readData: 1 })).damage).toEqual([]);
    expect(await contentsOf(again, info)).toEqual({ tools: { a: text } });
  });

  it('commits nothing after a pack could not be stored, and its handle begins no other session', async () => {
    const { store, repository, reopen } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', { a: text });
    store.addFault({ method: 'put', match: ({ key }) => key.startsWith('data/'), error: 'storage.full' });
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(session.commit([])).rejects.toMatchObject({ code: 'storage.full' });
    await expect(begin(repository)).rejects.toMatchObject({ code: 'internal.bug' });
    const again = await reopen();
    expect((await again.snapshots()).list).toEqual([]);
    expect(await contentsOf(again, await snapshotOf(again, { tools: { a: text } }))).toEqual({ tools: { a: text } });
  });

  it.each([
    ['the lease cannot be released', 'put', (key: string) => key.endsWith('.released')],
    ['its checkpoints cannot be removed', 'delete', (key: string) => key.startsWith('sessions/')],
    ['its checkpoints cannot be listed', 'list', (key: string) => key.startsWith('sessions/')],
  ] as const)('has committed, although %s', async (_, method, match) => {
    const { store, repository, reopen } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', { a: text });
    store.addFault({ method, match: ({ key }) => match(key), error: 'storage.unavailable', times: 9 });
    const info = await session.commit([]);
    store.clearFaults();
    const again = await reopen();
    expect((await again.find('latest')).id).toBe(info.id);
    // What was left behind is not taken for an interrupted snapshot.
    await expect(begin(again, true)).rejects.toMatchObject({ code: 'snapshot.nothing-to-resume' });
    expect(await contentsOf(again, await snapshotOf(again, { tools: { b: 'two' } }))).toEqual({ tools: { b: 'two' } });
  });

  it('has committed when only the answer was lost, and has not when the snapshot is not there', async () => {
    const { store, runtime, repository, events, reopen } = await make();
    const isSnapshot = ({ key }: { key: string }): boolean => key.startsWith('snapshots/');
    const session = await begin(repository);
    await capture(session, 'tools', { a: text });
    store.addFault({ method: 'put', match: isSnapshot, error: 'storage.unavailable' });
    await expect(session.commit([])).rejects.toMatchObject({ code: 'storage.unavailable' });
    expect((await repository.snapshots()).list).toEqual([]);
    const failedAt = runtime.clock.now();
    store.addFault({ method: 'put', match: isSnapshot, error: 'storage.unavailable', when: 'after' });
    const info = await session.commit([]);
    // The lease of the failed attempt was given back.
    expect(runtime.clock.now()).toBe(failedAt);
    expect(events.filter(({ type }) => type === 'notice')).toEqual([]);
    expect(await contentsOf(await reopen(), info)).toEqual({ tools: { a: text } });
  });

  it('tells of a lease that could not be released; the next commit waits for it', async () => {
    const { store, runtime, repository, events, reopen } = await make();
    store.addFault({ method: 'put', match: ({ key }) => key.endsWith('.released'), error: 'storage.denied' });
    await snapshotOf(repository, { tools: { a: text } });
    expect(events).toContainEqual(expect.objectContaining({ type: 'notice', level: 'warning' }));
    const before = runtime.clock.now();
    await snapshotOf(await reopen(), { tools: { a: text } });
    expect(runtime.clock.now() - before).toBeGreaterThanOrEqual(19_000);
  });

  it('is refused when somebody else took over the lease meanwhile', async () => {
    const { store, runtime, repository } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', { a: text });
    store.addFault({
      method: 'list',
      match: ({ key }) => key === 'index/',
      callback: async () => {
        await runtime.clock.sleep(25_000);
        await store.put('leases/0000000099', [Buffer.from('{"lasts":20000,"owner":"another"}')]);
      },
    });
    await expect(session.commit([])).rejects.toMatchObject({ code: 'repository.lease-lost' });
    expect((await repository.snapshots()).list).toEqual([]);
  });

  it('may not last longer than a pruner waits; then there is nothing to resume either', async () => {
    const { runtime, repository, reopen } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', { a: text });
    await runtime.clock.sleep(8 * 24 * 3600 * 1000);
    await expect(session.commit([])).rejects.toMatchObject({ code: 'repository.session-too-long' });
    await expect(begin(await reopen(), true)).rejects.toMatchObject({ code: 'snapshot.nothing-to-resume' });
  });

  it('counts every byte it added, those of the session it goes on with included', async () => {
    const { runtime, store } = await make();
    const recorded = withRecording(store, { methods: ['put'] });
    const added = (): number =>
      recorded.calls
        .filter(({ key }) => /^(data|meta|index)\//.test(key))
        .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
    const first = await openSmall({ store: recorded, runtime });
    const session = await begin(first);
    await capture(session, 'tools', { a: text });
    await session.suspend();
    expect(added()).toBeGreaterThan(5000);
    const info = await snapshotOf(
      await openSmall({ store: recorded, runtime }),
      { tools: { a: text }, logs: { b: 'x' } },
      true,
    );
    expect(info.totals.storedBytes).toBe(added());
    expect(info.totals.resources).toBe(2);
  });
});

describe('resume', () => {
  async function interrupted(repository: Repository, count: number, resume = false): Promise<Session> {
    const session = await begin(repository, resume);
    const resource = await session.resource({ ref: refOf('tools'), source: 'tools', tags: {} });
    const files = resource.sink.collection('files');
    for (const [key, content] of Object.entries(numbered(count)))
      await files.add({ key, kind: 'blob', fingerprint: key, content: Buffer.from(content, 'latin1') });
    await turns();
    return session;
  }

  it('loses nothing when it is interrupted again before it came as far', async () => {
    const { repository, reopen, store } = await make();
    await (await interrupted(repository, 200)).suspend();
    await (await interrupted(await reopen(), 10, true)).suspend();
    expect(await keysOf(store, 'sessions/')).toHaveLength(1);
    const last = await reopen();
    const session = await interrupted(last, 0, true);
    const resource = await session.resource({ ref: refOf('tools'), source: 'tools', tags: {} });
    let reads = 0;
    for (const [key, content] of Object.entries(numbered(250))) {
      const load = async () => {
        reads++;
        return { content: Buffer.from(content, 'latin1') };
      };
      await resource.sink.collection('files').add({ key, kind: 'blob', fingerprint: key, load });
    }
    expect(await resource.finish()).toMatchObject({ entries: 250, reused: 200 });
    expect(reads).toBe(50);
    expect(await contentsOf(last, await session.commit([]))).toEqual({ tools: numbered(250) });
    expect(await keysOf(store, 'sessions/')).toEqual([]);
  });

  it('goes on with nothing that a newer snapshot has overtaken, and with nothing of another estate', async () => {
    const { runtime, repository, reopen } = await make();
    const abandoned = await begin(repository);
    await capture(abandoned, 'tools', { a: 'old' });
    await abandoned.suspend();
    await runtime.clock.sleep(1000);
    const again = await reopen();
    await expect(again.startSession({ estate: 'other', host: 'x', tags: {}, resume: true })).rejects.toMatchObject({
      code: 'snapshot.nothing-to-resume',
    });
    await snapshotOf(again, { tools: { a: 'new' } });
    await expect(begin(await reopen(), true)).rejects.toMatchObject({ code: 'snapshot.nothing-to-resume' });
  });

  it('on another machine captures again what is local to a machine, and takes over the rest', async () => {
    const { repository, reopen } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', { a: 'here' });
    const bucket = await session.resource({
      ref: { ...refOf('uploads'), type: 's3-buckets', region: 'eu-west-1' },
      source: 'buckets',
      tags: {},
    });
    await bucket.finish();
    await session.suspend();
    const elsewhere = await (await reopen()).startSession({ estate: 'acme', host: 'another', tags: {}, resume: true });
    expect([...elsewhere.finished.keys()]).toEqual(['s3-buckets/uploads']);
    expect(await capture(elsewhere, 'tools', { a: 'here', b: 'there' })).toMatchObject({ entries: 2, reused: 1 });
    expect(await elsewhere.commit([])).toMatchObject({ totals: { resources: 2 }, host: 'another' });
  });

  it('passes over a checkpoint that cannot be read', async () => {
    const { store, repository, reopen } = await make();
    await (await interrupted(repository, 20)).suspend();
    const [key = ''] = await keysOf(store, 'sessions/');
    await store.put(key, [Buffer.from('HFST and then noise')]);
    await expect(begin(await reopen(), true)).rejects.toMatchObject({ code: 'snapshot.nothing-to-resume' });
    expect((await (await reopen()).verify({ readData: 1 })).damage).toEqual([]);
  });
});

describe('the snapshot before', () => {
  it.each(['lost', 'damaged'] as const)('whose trees are %s is no obstacle: the next one is whole', async (fate) => {
    const { store, repository, events, reopen, runtime } = await make();
    const contents = { tools: numbered(300), logs: { a: text } };
    const old = await snapshotOf(repository, contents);
    const packs = await keysOf(store, 'meta/');
    for (const key of packs) {
      const bytes = await store.get(key);
      await store.delete(key);
      if (fate === 'damaged') await store.put(key, [bytes.map((byte, i) => (i < 200 ? byte : byte ^ 1))]);
    }
    await runtime.clock.sleep(60_000);
    const other = await openSmall({ store, runtime, events: (event) => events.push(event) });
    const info = await snapshotOf(other, contents);
    expect(info.totals.reused).toBe(0);
    expect(events.filter(({ type }) => type === 'notice')).toMatchObject([
      { level: 'warning', message: expect.stringContaining('is captured anew') as string },
      { level: 'warning' },
    ]);
    // It stored again what those packs held: nobody needs them.
    await store.delete(`snapshots/${old.id}`);
    const marked = packs.map((key) => ({ name: key.slice(8), kind: 'metadata', size: 1, reason: 'unused' }) as const);
    const mark = sealMark({ id: 'ab'.repeat(16), packs: marked }, await keyringOf(store), runtime, plainPolicy);
    await store.put(markKey('ab'.repeat(16)), [mark]);
    expect(await contentsOf(await reopen(), info)).toEqual(contents);
  });

  it('may be forgotten while a session begins', async () => {
    const { store, repository, runtime, reopen } = await make();
    const old = await snapshotOf(repository, { tools: { a: text } });
    await runtime.clock.sleep(60_000);
    store.addFault({
      method: 'put',
      match: ({ key }) => key.startsWith('sessions/'),
      callback: () => store.delete(`snapshots/${old.id}`),
    });
    const info = await snapshotOf(await reopen(), { tools: { a: text } });
    expect(info.parent).toBeUndefined();
    expect(await contentsOf(await reopen(), info)).toEqual({ tools: { a: text } });
  });
});

describe('errors of a capture', () => {
  it('cost one item where they are an item, and the resource where they are not', async () => {
    const { repository } = await make();
    const session = await begin(repository);
    const resource = await session.resource({ ref: refOf('tools'), source: 'tools', tags: {} });
    const files = resource.sink.collection('files');
    const failing = (code: 'item.denied' | 'storage.full') => () =>
      Promise.reject(new HoldfastError(code, `no: ${code}`));
    await files.add({ key: 'a', kind: 'blob', load: failing('item.denied') });
    await files.add({ key: 'b', kind: 'blob', load: async () => ({ content: Buffer.from('b') }) });
    await files.add({ key: 'c', kind: 'blob', load: async () => ({ content: Buffer.from('short'), expectedSize: 9 }) });
    const record = await resource.finish();
    expect(record).toMatchObject({ entries: 1, failed: 2, outcome: 'partial' });
    expect(record.failures.map(({ code, item }) => `${code} ${item}`).sort()).toEqual([
      'item.damaged files/c',
      'item.denied files/a',
    ]);
    const other = await session.resource({ ref: refOf('logs'), source: 'logs', tags: {} });
    await other.sink.root.add({ key: 'x', kind: 'blob', load: failing('storage.full') });
    await expect(other.finish()).rejects.toMatchObject({ code: 'storage.full' });
    expect(await session.commit([])).toMatchObject({ outcome: 'partial', totals: { resources: 1 } });
  });
});
