import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { begin, capture, createSmall, openSmall, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';

const contents = { tools: { a: 'one', b: 'two' } };

async function make() {
  const runtime = simulatedRuntime(1);
  const store = withFaults(createMemoryStore({ runtime }), { runtime });
  const repository = await createSmall({ store, runtime });
  return { runtime, store, repository, reopen: () => openSmall({ store, runtime }) };
}

describe('the presence of a session', () => {
  it('shows in the store while nothing comes in, by few objects, and is gone when it ends', async () => {
    const { runtime, store, repository } = await make();
    const session = await begin(repository);
    const signs: string[] = [];
    for (let i = 0; i < 5; i++) {
      await runtime.clock.sleep(61_000);
      const keys = await keysOf(store, 'sessions/');
      expect(keys).toHaveLength(2);
      signs.push(keys.join(' '));
    }
    expect(new Set(signs).size).toBe(5);
    await session.commit([]);
    expect(await keysOf(store, 'sessions/')).toEqual([]);
    await runtime.clock.sleep(200_000);
    expect(await keysOf(store, 'sessions/')).toEqual([]);
  });

  it('keeps what came last, although nothing follows', async () => {
    const { runtime, repository, reopen } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', contents.tools);
    await runtime.clock.sleep(61_000);
    await repository.close();
    const resumed = await begin(await reopen(), true);
    expect([...resumed.finished.keys()]).toEqual(['local/tools']);
  });

  it('keeps others from going on with it, and only from that', async () => {
    const { runtime, repository, reopen } = await make();
    const session = await begin(repository);
    await capture(session, 'tools', contents.tools);
    const other = await reopen();
    await expect(begin(other, true)).rejects.toMatchObject({
      code: 'repository.session-active',
      message: expect.stringContaining('test'),
    });
    await snapshotOf(other, contents);
    await runtime.clock.sleep(1000);
    await session.commit([]);
    expect((await repository.snapshots()).list).toHaveLength(2);
  });

  it('is watched for some seconds where it is fresh, and not at all where it is old or was ended', async () => {
    const { runtime, store, reopen } = await make();
    const recorded = withRecording(store, { crash: { call: 5, when: 'before' } });
    const died = await openSmall({ store: recorded, runtime });
    await expect(snapshotOf(died, contents)).rejects.toThrow('crashed');
    let before = runtime.clock.now();
    const second = await reopen();
    await begin(second, true);
    expect(runtime.clock.now() - before).toBe(25_000);
    await second.close();
    const third = await begin(await reopen(), true);
    await third.suspend();
    await begin(await reopen(), true);
    expect(runtime.clock.now() - before).toBe(25_000);

    await snapshotOf(await reopen(), contents);
    const again = withRecording(store, { crash: { call: 5, when: 'before' } });
    await expect(snapshotOf(await openSmall({ store: again, runtime }), { tools: { c: 'c' } })).rejects.toThrow();
    await runtime.clock.sleep(120_000);
    before = runtime.clock.now();
    await begin(await reopen(), true);
    expect(runtime.clock.now()).toBe(before);
  });

  it('that cannot be shown ends no session', async () => {
    const { runtime, store, repository } = await make();
    const session = await begin(repository);
    store.addFault({
      method: 'put',
      match: ({ key }) => key.startsWith('sessions/'),
      error: 'storage.unavailable',
      times: 3,
    });
    await runtime.clock.sleep(300_000);
    await capture(session, 'tools', contents.tools);
    await session.commit([]);
    expect((await repository.snapshots()).list).toHaveLength(1);
  });
});
