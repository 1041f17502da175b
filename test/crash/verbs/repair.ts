import { deepStrictEqual, ok } from 'node:assert/strict';
import { repairedFrom } from '../../../src/repository/repair/snapshot.ts';
import { change, groupsOf } from '../../corruption/damage.ts';
import { keysOf } from '../../repository/copy-store.ts';
import { contentsOf } from '../../repository/small-repository.ts';
import { hour, known, nameTag, open, prepared, takeSnapshot, type Place, type Verb } from '../place.ts';

/** Takes a snapshot of these contents, and returns the keys of what it added. */
async function added(place: Place, name: string): Promise<string[]> {
  const before = new Set(await keysOf(place.vault, ''));
  await takeSnapshot(place, await open(place, place.vault), name);
  await place.runtime.clock.sleep(hour);
  return (await keysOf(place.vault, '')).filter((key) => !before.has(key));
}

/** Of the first snapshot the index object is lost, of the second a group of its contents, and the third cannot be read. */
async function damage(place: Place): Promise<void> {
  await prepared(place, 'first');
  const [index = ''] = await keysOf(place.vault, 'index/');
  const second = (await added(place, 'second')).find((key) => key.startsWith('data/')) ?? '';
  const third = (await added(place, 'third')).find((key) => key.startsWith('snapshots/')) ?? '';
  const [group] = await groupsOf(place.vault, second);
  await change(place.vault, second, (bytes) => bytes.fill(7, (group?.offset ?? 0) + 60, (group?.offset ?? 0) + 70));
  await change(place.vault, third, (bytes) => bytes.subarray(0, 100));
  await place.vault.delete(index);
}

async function repair(place: Place): Promise<boolean> {
  const repository = await open(place, place.vault);
  const report = await repository.repair({ dryRun: false, readData: 1, removeDamaged: true });
  await repository.close();
  deepStrictEqual(report.left, []);
  const { indexed, replacedIndexes, salvaged, snapshots, removed } = report;
  return [indexed, replacedIndexes, salvaged, snapshots, removed].some(({ length }) => length > 0);
}

export const repairVerb: Verb = {
  name: 'repair',
  prepare: damage,
  run: repair,
  damaged: true,
  // Whole but for what the lost index object named, which is there once it is indexed again.
  keeps: { vault: [] },
  async atEnd(place) {
    const repository = await open(place, place.vault);
    const { list } = await repository.snapshots();
    const first = list.find(({ tags }) => tags[nameTag] === 'first');
    const repaired = list.filter(({ tags }) => repairedFrom in tags);
    ok(first, 'the first snapshot is gone');
    deepStrictEqual(await contentsOf(repository, first), known['first']);
    deepStrictEqual(repaired.length, 1, 'one repaired snapshot');
    for (const info of repaired)
      for (const [name, files] of Object.entries(await contentsOf(repository, info)))
        for (const [key, content] of Object.entries(files)) deepStrictEqual(content, known['second']?.[name]?.[key]);
    await repository.close();
  },
};
