import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { begin, capture, contentsOf, refOf, snapshotOf } from '../../../test/repository/small-repository.ts';
import type { Repository } from '../contract.ts';
import type { Session } from './contract.ts';
import { makeRepository, numbered, turns } from './session-for-test.ts';

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
    const { repository, reopen, store } = await makeRepository();
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
    const { runtime, repository, reopen } = await makeRepository();
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
    const { repository, reopen } = await makeRepository();
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
    const { store, repository, reopen } = await makeRepository();
    await (await interrupted(repository, 20)).suspend();
    const [key = ''] = await keysOf(store, 'sessions/');
    await store.put(key, [Buffer.from('HFST and then noise')]);
    await expect(begin(await reopen(), true)).rejects.toMatchObject({ code: 'snapshot.nothing-to-resume' });
    expect((await (await reopen()).verify({ readData: 1 })).damage).toEqual([]);
  });
});
