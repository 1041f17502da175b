import { deepStrictEqual, ok } from 'node:assert/strict';
import { isPending, type RecoveryPoint } from '../../../src/kernel/recovery-point.ts';
import type { ResourceRecord, SnapshotInfo } from '../../../src/repository/contract.ts';
import { nameTag, open, prepared, takeSnapshot, type Place, type Verb } from '../place.ts';

const pending: RecoveryPoint = { kind: 'disk', id: 'p', name: 'p', region: 'local', state: 'pending' };

async function settle(place: Place): Promise<boolean> {
  const repository = await open(place, place.vault);
  const waiting = (await repository.snapshots()).list.filter(({ pendingPoints }) => pendingPoints === 1);
  for (const info of waiting)
    await repository.settle(info, {
      change: (record: ResourceRecord) =>
        record.points?.some(isPending) ? { ...record, points: [{ ...pending, state: 'available' }] } : record,
      sources: (before) => before,
    });
  await repository.close();
  return waiting.length > 0;
}

async function seconds(place: Place): Promise<SnapshotInfo[]> {
  const { list } = await (await open(place, place.vault)).snapshots();
  return list.filter(({ tags }) => tags[nameTag] === 'second');
}

export const settleVerb: Verb = {
  name: 'snapshot --settle',
  async prepare(place) {
    await prepared(place, 'first');
    await takeSnapshot(place, await open(place, place.vault), 'second', { points: [pending] });
    await prepareNext(place);
  },
  run: settle,
  keeps: { vault: ['first', 'second', 'fourth'] },
  async afterDeath(place) {
    // At most both versions; never none.
    const found = await seconds(place);
    ok(found.length === 1 || (found.length === 2 && found.some(({ settles }) => settles !== undefined)));
  },
  async atEnd(place) {
    const [settled, ...others] = await seconds(place);
    deepStrictEqual([settled?.pendingPoints, others], [undefined, []]);
    ok(settled?.settles !== undefined && settled.committedAt === Number.parseInt(settled.id.slice(0, 12), 16));
  },
};

async function prepareNext(place: Place): Promise<void> {
  await place.runtime.clock.sleep(3_600_000);
  await takeSnapshot(place, await open(place, place.vault), 'fourth');
}
