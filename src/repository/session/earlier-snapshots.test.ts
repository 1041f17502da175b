import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { contentsOf, keyringOf, openSmall, snapshotOf } from '../../../test/repository/small-repository.ts';
import { plainPolicy } from '../format/document.ts';
import { markKey, sealMark } from '../marks/mark.ts';
import { text, makeRepository, numbered } from './session-for-test.ts';

describe('the snapshot before', () => {
  it.each(['lost', 'damaged'] as const)('whose trees are %s is no obstacle: the next one is whole', async (fate) => {
    const { store, repository, events, reopen, runtime } = await makeRepository();
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
    const { store, repository, runtime, reopen } = await makeRepository();
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
