import { deepStrictEqual, ok } from 'node:assert/strict';
import type { KeepRules } from '../../../src/kernel/keep-rules.ts';
import { nameTag, open, prepared, estate, type Place, type Verb } from '../place.ts';

const keep: KeepRules = { count: { last: 2 }, within: {}, tags: [] };

async function forget(place: Place): Promise<boolean> {
  const repository = await open(place, place.vault);
  const report = await repository.forget({
    wanted: { type: 'policies', estate, policies: [{ keep }], trustTimes: true },
    dryRun: false,
  });
  deepStrictEqual(report.refused, []);
  await repository.close();
  return report.forgotten.length > 0;
}

export const forgetVerb: Verb = {
  name: 'forget',
  prepare: (place) => prepared(place, 'first', 'second', 'third', 'fourth', 'fifth'),
  run: forget,
  keeps: { vault: ['fourth', 'fifth'] },
  async afterDeath(place) {
    const repository = await open(place, place.vault);
    const { list } = await repository.snapshots();
    const { records } = await repository.audit.verify();
    // Whatever is gone was announced; the second part is there only when all of it happened.
    if (list.length < 5) ok((records[0]?.details['snapshots'] as readonly string[] | undefined)?.length === 3);
    if (records.length > 1) ok(list.length === 2);
  },
  async atEnd(place) {
    const { list } = await (await open(place, place.vault)).snapshots();
    deepStrictEqual(
      list.map(({ tags }) => tags[nameTag]),
      ['fourth', 'fifth'],
    );
  },
};
