import { deepStrictEqual, ok } from 'node:assert/strict';
import { dayMs, type LockSettings } from '../../../src/repository/lock/contract.ts';
import type { Repository } from '../../../src/repository/contract.ts';
import { keysOf } from '../../repository/copy-store.ts';
import { createSmall, openSmall } from '../../repository/small-repository.ts';
import { putWal, systemId } from '../../pitr/made-base.ts';
import { takeSnapshot, type Place, type Verb } from '../place.ts';

const lock: LockSettings = { mode: 'compliance', days: 10, ahead: 4 };
const locked = ['config/', 'keys/', 'data/', 'meta/', 'index/', 'snapshots/', 'wal/'];

async function open({ vault: store, runtime, workers = 0 }: Place): Promise<Repository> {
  return await openSmall({ store, runtime, workers, lock });
}

/** Days from now on for which everything that is needed is locked. */
async function lockedDays({ vault, runtime }: Place): Promise<number> {
  let until = Infinity;
  for (const prefix of locked)
    for (const key of await keysOf(vault, prefix))
      until = Math.min(until, (await vault.capabilities.readLock?.(key))?.until ?? 0);
  return (until - runtime.clock.now()) / dayMs;
}

export const lockVerb: Verb = {
  name: 'lock extend',
  async prepare(place) {
    await createSmall({ store: place.vault, runtime: place.runtime, lock });
    await putWal((await open(place)).wal(systemId), 1, 0n, 500n);
    for (const name of ['first', 'second']) await takeSnapshot(place, await open(place), name);
    await place.runtime.clock.sleep(6 * dayMs);
  },
  async run(place) {
    const repository = await open(place);
    const { extended, failed } = await repository.lock.extend({});
    await repository.close();
    deepStrictEqual(failed, 0);
    return extended > 0;
  },
  keeps: { vault: ['first', 'second'] },
  async afterDeath(place) {
    ok((await lockedDays(place)) > 7.9, 'a lock became shorter');
  },
  async atEnd(place) {
    ok((await lockedDays(place)) > 13.9, 'a lock was not extended');
    const { weaker, problems, suspicions } = await (await open(place)).lock.status(1);
    deepStrictEqual({ weaker, problems, suspicions }, { weaker: [], problems: [], suspicions: [] });
  },
};
