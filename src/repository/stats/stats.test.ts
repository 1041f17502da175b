import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyStore, keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  capture,
  createSmall,
  noise,
  openSmall,
  type Contents,
} from '../../../test/repository/small-repository.ts';
import { runs } from '../../../test/runs.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { Repository, SnapshotInfo } from '../contract.ts';
import type { Amount, RepositoryStats } from './contract.ts';
import { createHolders, eachNeeded } from './holders.ts';

const runtime = simulatedRuntime(1);

async function commit(repository: Repository, contents: Contents): Promise<SnapshotInfo> {
  await runtime.clock.sleep(60_000);
  const session = await begin(repository);
  for (const [name, files] of Object.entries(contents)) await capture(session, name, files);
  return await session.commit(
    Object.keys(contents).map((source) => ({
      source,
      type: 'local',
      expected: 1,
      captured: 1,
      partial: 0,
      failures: [],
    })),
  );
}

async function made(
  ...histories: readonly Contents[]
): Promise<{ store: ObjectStore; repository: Repository; infos: SnapshotInfo[] }> {
  const store = createMemoryStore({ runtime });
  const repository = await createSmall({ store, runtime });
  const infos: SnapshotInfo[] = [];
  for (const contents of histories) infos.push(await commit(repository, contents));
  return { store, repository, infos };
}

const exact = ({ chunks, plainBytes }: Amount): object => ({ chunks, plainBytes });

/** What the repository needs without those snapshots. */
async function without(store: ObjectStore, ids: readonly string[]): Promise<RepositoryStats> {
  const repository = await openSmall({ store: await copyStore(store, runtime), runtime });
  await repository.forget({ wanted: { type: 'ids', ids }, dryRun: false });
  return await repository.stats({});
}

function addsUp({ packs, needed, unneeded, overheadBytes }: RepositoryStats): void {
  const inPacks = packs.data.bytes + packs.metadata.bytes;
  expect(needed.storedBytes + unneeded.storedBytes + overheadBytes).toBe(inPacks);
}

describe('stats', () => {
  it('tells what each snapshot and each source alone needs, and what nobody does', async () => {
    const shared = noise(3000, 'shared');
    const { repository, store, infos } = await made(
      { tools: { a: noise(2000, 1), b: shared }, logs: { b: shared } },
      { tools: { a: noise(2000, 2), b: shared }, logs: { b: shared, c: 'x'.repeat(5000) } },
    );
    const stats = await repository.stats({ snapshot: infos[1]?.id ?? '' });
    expect(stats).toMatchObject({
      logicalBytes: 8000 + 13_000,
      unread: 0,
      orphans: { count: 0 },
      hidden: [],
      damaged: [],
    });
    expect(stats.unneeded.chunks).toBe(0);
    addsUp(stats);
    expect(stats.indexObjects.count).toBe((await keysOf(store, 'index/')).length);
    const [logs, tools] = [...stats.sources].sort((a, b) => (a.source < b.source ? -1 : 1));
    expect(tools).toMatchObject({
      source: 'tools',
      type: 'local',
      snapshots: 2,
      newest: { resources: 1, entries: 2, bytes: 5000 },
    });
    // Both contents of a, and two pages; the shared content belongs to neither.
    expect(tools?.own).toMatchObject({ chunks: 4 });
    expect(logs?.own).toMatchObject({ chunks: 3 });
    expect(stats.detail?.sources.map(({ source, bytes, needed }) => [source, bytes, needed.chunks])).toEqual([
      ['logs', 8000, 3],
      ['tools', 5000, 3],
    ]);
    expect(stats.detail?.sources.map(({ unique }) => unique.chunks)).toEqual([2, 2]);
    // Its page of resources, a page of each, three contents.
    expect(exact(stats.detail?.needed as Amount)).toEqual(exact((await without(store, [infos[0]?.id ?? ''])).needed));
  });

  it('agrees, over random histories, with what forgetting then leaves', async () => {
    const size = fc.constantFrom(0, 100, 300, 5000, 60_000);
    const file = fc.record({ size, seed: fc.integer({ min: 0, max: 6 }) }).map(({ size, seed }) => noise(size, seed));
    const folder = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), file, { maxKeys: 6 });
    const contents = fc.dictionary(fc.constantFrom('tools', 'logs', 'web'), folder, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(contents, { minLength: 1, maxLength: 5 }), async (histories) => {
        const { store, repository, infos } = await made(...histories);
        const stats = await repository.stats({});
        addsUp(stats);
        expect(stats.unneeded.chunks).toBe(0);
        for (const [i, { id }] of infos.entries()) {
          const rest = await without(store, [id]);
          const { unique } = stats.snapshots[i] ?? {};
          expect(exact(unique as Amount)).toEqual({
            chunks: stats.needed.chunks - rest.needed.chunks,
            plainBytes: stats.needed.plainBytes - rest.needed.plainBytes,
          });
          addsUp(rest);
          expect(rest.unneeded.chunks).toBe(unique?.chunks);
        }
        const last = infos.at(-1)?.id ?? '';
        const alone = await without(
          store,
          infos.slice(0, -1).map(({ id }) => id),
        );
        expect(exact((await repository.stats({ snapshot: last })).detail?.needed as Amount)).toEqual(
          exact(alone.needed),
        );
      }),
      { numRuns: runs(40, 500) },
    );
  });

  it('counts what it cannot look into, and packs that no index names', async () => {
    const { store, infos } = await made({ tools: { a: noise(3000, 1) } }, { tools: { a: noise(3000, 2) } });
    await store.put(`snapshots/${infos[0]?.id}`, [Buffer.from('rubbish')]);
    await store.put('data/00/orphan', [Buffer.alloc(777)]);
    const stats = await (await openSmall({ store, runtime })).stats({});
    expect(stats).toMatchObject({ damaged: [infos[0]?.id], orphans: { count: 1, bytes: 777 }, unread: 0 });
    expect(stats.unneeded.chunks).toBe(3);
    addsUp(stats);
    for (const key of await keysOf(store, 'meta/')) await store.put(key, [Buffer.alloc(10_000)]);
    const broken = await (await openSmall({ store, runtime })).stats({});
    expect(broken.unread).toBe(1);
    expect(broken.needed.chunks).toBe(1);
    await expect((await openSmall({ store, runtime })).stats({ snapshot: 'x' })).rejects.toMatchObject({
      code: 'snapshot.not-found',
    });
  });
});

describe('shares of a group', () => {
  const index = {
    groupCount: 2,
    group: (n: number) => ({ offset: 0, length: n === 0 ? 900 : 50, chunkCount: n === 0 ? 3 : 1 }),
  };
  function shares(lengths: readonly (number | undefined)[]): number[] {
    const holders = createHolders(1);
    lengths.forEach((length, chunk) => {
      if (length === undefined) return;
      holders.note(chunk, 0, 0);
      holders.measure(chunk, length);
    });
    const found: number[] = [];
    eachNeeded(index, holders, (chunk, bytes) => {
      found[chunk] = bytes;
    });
    return found;
  }

  it('go by plain lengths, and to unknown ones as much as to the others on average', () => {
    expect(shares([100, 200, 600, 7])).toEqual([100, 200, 600, 50]);
    expect(shares([100, 200, undefined, undefined])).toEqual([200, 400]);
    expect(shares([0, 0, 0, 0])).toEqual([300, 300, 300, 50]);
    expect(shares([])).toEqual([]);
  });
});
