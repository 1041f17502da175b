import { describe, expect, it } from 'vitest';
import { begin, capture, contentsOf, openSmall, refOf, snapshotOf } from '../../../test/repository/small-repository.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import type { Session } from './contract.ts';
import { text, makeRepository, turns } from './session-for-test.ts';

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

describe('a session', () => {
  it.each(['commit', 'suspend'] as const)(
    'takes no content after its %s: the next one would count on it',
    async (end) => {
      const { repository, reopen } = await makeRepository();
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
    const { store, repository, reopen } = await makeRepository();
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
    const { store, repository, reopen } = await makeRepository();
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
    const { store, repository, reopen } = await makeRepository();
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
    const { store, runtime, repository, events, reopen } = await makeRepository();
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
    const { store, runtime, repository, events, reopen } = await makeRepository();
    store.addFault({ method: 'put', match: ({ key }) => key.endsWith('.released'), error: 'storage.denied' });
    await snapshotOf(repository, { tools: { a: text } });
    expect(events).toContainEqual(expect.objectContaining({ type: 'notice', level: 'warning' }));
    const before = runtime.clock.now();
    await snapshotOf(await reopen(), { tools: { a: text } });
    expect(runtime.clock.now() - before).toBeGreaterThanOrEqual(19_000);
  });

  it('is refused when somebody else took over the lease meanwhile', async () => {
    const { store, runtime, repository } = await makeRepository();
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
    const { runtime, repository, reopen } = await makeRepository();
    const session = await begin(repository);
    await capture(session, 'tools', { a: text });
    await runtime.clock.sleep(8 * 24 * 3600 * 1000);
    await expect(session.commit([])).rejects.toMatchObject({ code: 'repository.session-too-long' });
    await expect(begin(await reopen(), true)).rejects.toMatchObject({ code: 'snapshot.nothing-to-resume' });
  });

  it('counts every byte it added, those of the session it goes on with included', async () => {
    const { runtime, store } = await makeRepository();
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

describe('errors of a capture', () => {
  it('cost one item where they are an item, and the resource where they are not', async () => {
    const { repository } = await makeRepository();
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
