import { deepStrictEqual } from 'node:assert/strict';
import type { PruneReport, PruneSettings } from '../../../src/repository/prune/contract.ts';
import { createRecorder, isCrash } from '../../../src/storage/decorators/recording.ts';
import { keysOf } from '../../repository/copy-store.ts';
import { noise } from '../../repository/small-repository.ts';
import { nameTag, open, overGrace, prepared, takeSnapshot, type Place, type Verb } from '../place.ts';

/** A snapshot that was forgotten, a pack that no index names, a dead session, and packs of which a part is used. */
async function withGarbage(place: Place): Promise<void> {
  await prepared(place, 'first', 'third', 'fourth');
  const repository = await open(place, place.vault);
  for (const { id, tags } of (await repository.snapshots()).list)
    if (tags[nameTag] === 'third') await place.vault.delete(`snapshots/${id}`);
  await place.vault.put(`data/00/00${'ab'.repeat(31)}`, [Buffer.from(noise(500, 'orphan'), 'latin1')]);
  await takeSnapshot(place, await open(place, place.vault), 'fifth', { suspend: true });
  await place.runtime.clock.sleep(2 * overGrace);
}

async function prune(place: Place, settings: PruneSettings): Promise<PruneReport> {
  const repository = await open(place, place.vault);
  const report = await repository.prune(settings);
  await repository.close();
  return report;
}

function isWork({ marked, swept, rewritten }: PruneReport): boolean {
  return [...Object.values(marked), swept, rewritten].some(({ packs }) => packs > 0);
}

const all: PruneSettings = { maxUnused: 0 };

async function due(place: Place): Promise<void> {
  await withGarbage(place);
  await prune(place, all);
  await place.runtime.clock.sleep(overGrace);
}

/** In the end, when every grace is over, nothing is left but what the snapshots need. */
async function expectTidy(place: Place): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await place.runtime.clock.sleep(overGrace);
    await prune(place, all);
  }
  const idle = await prune(place, all);
  deepStrictEqual(idle.waiting, []);
  deepStrictEqual(isWork(idle), false);
  deepStrictEqual(await keysOf(place.vault, 'sessions/'), []);
  const { notes } = await (await open(place, place.vault)).check({ readData: 0 });
  deepStrictEqual(notes, []);
}

const common = { keeps: { vault: ['first', 'fourth'] }, atEnd: expectTidy };

export const pruneVerbs: readonly Verb[] = [
  {
    name: 'prune, marks',
    prepare: withGarbage,
    run: async (place) => isWork(await prune(place, { maxRewriteBytes: 0 })),
    ...common,
  },
  {
    name: 'prune, rewrites',
    prepare: withGarbage,
    run: async (place) => isWork(await prune(place, all)),
    ...common,
  },
  {
    name: 'prune, sweeps',
    prepare: due,
    run: async (place) => isWork(await prune(place, all)),
    ...common,
  },
  {
    name: 'prune, goes on after a death',
    async prepare(place) {
      await due(place);
      const { over } = createRecorder({ methods: ['delete'], crash: { call: 4, when: 'after' } });
      await prune({ ...place, vault: over(place.vault) }, all).catch((error: unknown) => {
        if (!isCrash(error)) throw error;
      });
      await place.runtime.clock.sleep(60_000);
    },
    run: async (place) => isWork(await prune(place, all)),
    ...common,
  },
];
