import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { begin, capture, snapshotOf } from '../../../test/repository/small-repository.ts';
import { hour, grace, makeRepository, first, second } from './prune-for-test.ts';

describe('prune refuses', () => {
  it.each([
    ['a damaged snapshot', 'snapshots/'],
    ['a damaged index object', 'index/'],
    ['a damaged checkpoint', 'sessions/'],
    ['a damaged mark', 'marks/'],
  ])('to mark or delete anything beside %s', async (_, prefix) => {
    const { repository, store, reopen, packs, forget, later } = await makeRepository();
    await snapshotOf(repository, second);
    const old = await snapshotOf(await reopen(), first);
    await forget(old);
    await (await reopen()).prune({ maxUnused: 1 });
    await later(grace + hour);
    const session = await begin(await reopen());
    await capture(session, 'tools', { a: 'a' });
    await session.suspend();
    const key = (await keysOf(store, prefix)).at(-1) as string;
    const bytes = Buffer.from(await store.get(key));
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] as number) ^ 1;
    await store.put(key, [bytes]);
    const before = { packs: await packs(), marks: await keysOf(store, 'marks/') };
    const pruning = (await reopen()).prune({});
    await expect(pruning).rejects.toMatchObject({ code: 'repository.corrupt', resource: key });
    await expect(pruning).rejects.toThrow('nothing was deleted');
    expect({ packs: await packs(), marks: await keysOf(store, 'marks/') }).toEqual(before);
  });

  it('to go on where a pack that a snapshot needs is missing', async () => {
    const { repository, store, reopen, packs, forget } = await makeRepository();
    await snapshotOf(repository, second);
    await forget(await snapshotOf(await reopen(), first));
    await store.delete((await keysOf(store, 'data/'))[0] as string);
    const before = await packs();
    await expect((await reopen()).prune({})).rejects.toMatchObject({ code: 'repository.corrupt' });
    expect(await packs()).toEqual(before);
    expect(await keysOf(store, 'marks/')).toEqual([]);
  });

  it('a grace shorter than a session may last', async () => {
    const { repository } = await makeRepository();
    await expect(repository.prune({ grace: grace - 1 })).rejects.toMatchObject({ code: 'usage.invalid' });
  });

  it('to delete what is locked, and says so', async () => {
    const { repository, store, reopen, packs, forget, later } = await makeRepository();
    await forget(await snapshotOf(repository, first));
    const until = Date.UTC(2026, 10, 20) + 3 * grace;
    const [locked = ''] = await keysOf(store, 'data/');
    await store.capabilities.extendLock?.(locked, until, 'compliance');
    const marking = await (await reopen()).prune({});
    expect(marking.locked.packs).toBe(1);
    const [other = ''] = await keysOf(store, 'meta/');
    await store.capabilities.extendLock?.(other, until, 'compliance');
    await later(grace + hour);
    const report = await (await reopen()).prune({});
    expect(report.locked.packs).toBe(2);
    expect((await packs()).sort()).toEqual([locked, other].sort());
    await later(3 * grace);
    await (await reopen()).prune({});
    await later(grace + hour);
    await (await reopen()).prune({});
    expect(await packs()).toEqual([]);
  });
});
