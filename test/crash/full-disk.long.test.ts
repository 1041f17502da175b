import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { withFaults } from '../../src/storage/decorators/faults.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { copyStore } from '../repository/copy-store.ts';
import {
  contentsOf,
  createSmall,
  noise,
  openSmall,
  snapshotOf,
  type Contents,
} from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';

const run = promisify(execFile);
const first: Contents = { tools: { a: noise(3000, 'a'), b: 'b' } };
const second: Contents = { tools: { a: noise(3000, 'a'), c: noise(90_000, 'c') }, logs: { d: noise(500, 'd') } };

describe('a full disk', () => {
  it('at any write of a snapshot: says so, damages nothing, and the snapshot is completed once there is space', async () => {
    const runtime = simulatedRuntime(1);
    const base = createMemoryStore({ runtime });
    await snapshotOf(await createSmall({ store: base, runtime }), first);
    await runtime.clock.sleep(1000);
    let failed = 0;
    for (let writes = 0; ; writes++) {
      const store = withFaults(await copyStore(base, runtime), { runtime });
      store.addFault({ method: 'put', skip: writes, times: Infinity, error: 'storage.full' });
      const failing = await openSmall({ store, runtime });
      const outcome = await snapshotOf(failing, second).catch((error: unknown) => error);
      await failing.close();
      store.clearFaults();
      const again = await openSmall({ store, runtime });
      expect((await again.verify({ readData: 1 })).damage).toEqual([]);
      const { list } = await again.snapshots();
      for (const [i, info] of list.entries()) expect(await contentsOf(again, info)).toEqual([first, second][i]);
      if (!(outcome instanceof Error)) {
        expect(list).toHaveLength(2);
        // Only the lease's release may fail without failing the snapshot.
        break;
      }
      failed++;
      expect(outcome).toMatchObject({ code: 'storage.full' });
      expect(list).toHaveLength(1);
      const info = await snapshotOf(again, second, writes > 1);
      expect(await contentsOf(again, info)).toEqual(second);
    }
    // Sign of life, checkpoint, data pack, metadata pack, index, lease, snapshot.
    expect(failed).toBe(7);
  });

  it('of a file system: says so, damages nothing, and the snapshot is completed once there is space', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-full-'));
    const isMounted = await mounted(folder);
    try {
      const { store, makeRoom } = await smallDisk(folder, isMounted);
      const runtime = systemRuntime;
      await snapshotOf(await createSmall({ store, runtime }), first);
      const large: Contents = { tools: first['tools'] ?? {}, media: { film: noise(5_000_000, 'film') } };
      const failing = await openSmall({ store, runtime });
      await expect(snapshotOf(failing, large)).rejects.toMatchObject({ code: 'storage.full' });
      await failing.close();
      const checked = await openSmall({ store, runtime });
      expect((await checked.verify({ readData: 1 })).damage).toEqual([]);
      expect(await contentsOf(checked, await checked.find('latest'))).toEqual(first);
      await makeRoom();
      const info = await snapshotOf(checked, large, true);
      expect(await contentsOf(checked, info)).toEqual(large);
      expect((await checked.verify({ readData: 1 })).damage).toEqual([]);
    } finally {
      if (isMounted) await run('umount', [folder]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function mounted(folder: string): Promise<boolean> {
  return await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
}

/** A file system of its own where this user may mount one; elsewhere a store that takes no large object. */
async function smallDisk(
  folder: string,
  isMounted: boolean,
): Promise<{ readonly store: ObjectStore; readonly makeRoom: () => Promise<void> }> {
  const directory = await openDirectoryStore({ path: folder, runtime: systemRuntime });
  if (isMounted) {
    const makeRoom = async (): Promise<void> => void (await run('mount', ['-o', 'remount,size=32m', folder]));
    return { store: directory, makeRoom };
  }
  const isLarge = ({ parts }: { readonly parts?: readonly Uint8Array[] }): boolean =>
    (parts ?? []).reduce((sum, { length }) => sum + length, 0) > 2_000_000;
  const store = withFaults(directory, { runtime: systemRuntime });
  store.addFault({ method: 'put', times: Infinity, match: isLarge, error: 'storage.full' });
  return { store, makeRoom: async () => store.clearFaults() };
}
