import { isCode } from '../../../src/kernel/errors.ts';
import { openRepository } from '../../../src/repository/index.ts';
import type { Repository } from '../../../src/repository/contract.ts';
import { publicKeyOf } from '../../../src/repository/keys/curve25519.ts';
import { keysOf } from '../../repository/copy-store.ts';
import {
  create,
  isNothingToResume,
  open,
  prepared,
  takeSnapshot,
  type Place,
  type SnapshotPlan,
  type Verb,
} from '../place.ts';

/** True when anything had to be read or stored: a further snapshot of the same adds no data pack. */
async function snapshot(place: Place, repository: Repository, name: string, plan: SnapshotPlan): Promise<boolean> {
  const before = await keysOf(place.vault, 'data/');
  const isNew = await takeSnapshot(place, repository, name, plan);
  await repository.close();
  const added = (await keysOf(place.vault, 'data/')).length > before.length;
  return repository.writeOnly ? added : isNew || added;
}

async function resumeOrBegin(place: Place): Promise<boolean> {
  const plan = { slow: true };
  try {
    return await snapshot(place, await open(place, place.vault), 'second', { ...plan, resume: true });
  } catch (error) {
    if (!isNothingToResume(error)) throw error;
    return await snapshot(place, await open(place, place.vault), 'second', plan);
  }
}

async function suspended(place: Place): Promise<boolean> {
  const plan = { slow: true, suspend: true };
  return await snapshot(place, await open(place, place.vault), 'second', plan);
}

const privateKey = new Uint8Array(32).fill(9);

export const snapshotVerbs: readonly Verb[] = [
  {
    name: 'init',
    prepare: async () => undefined,
    async run(place) {
      try {
        await create(place, place.vault);
        return true;
      } catch (error) {
        if (!isCode(error, 'repository.exists')) throw error;
        return false;
      }
    },
    keeps: { vault: [] },
  },
  {
    name: 'snapshot, the first',
    prepare: (place) => prepared(place),
    run: async (place) => snapshot(place, await open(place, place.vault), 'first', { slow: true }),
    keeps: { vault: [] },
  },
  {
    name: 'snapshot, the second',
    prepare: (place) => prepared(place, 'first'),
    run: async (place) => snapshot(place, await open(place, place.vault), 'second', { slow: true }),
    keeps: { vault: ['first'] },
  },
  {
    name: 'snapshot, interrupted',
    prepare: (place) => prepared(place, 'first'),
    run: suspended,
    next: resumeOrBegin,
    keeps: { vault: ['first'] },
  },
  {
    name: 'snapshot, resumed',
    async prepare(place) {
      await prepared(place, 'first');
      await suspended(place);
    },
    run: resumeOrBegin,
    keeps: { vault: ['first'] },
  },
  {
    name: 'snapshot, by a writer that cannot read',
    async prepare(place) {
      await prepared(place, 'first');
      const { keys } = await open(place, place.vault);
      const publicKey = publicKeyOf('x25519', privateKey);
      await keys.add({ role: 'writer', label: 'host', by: { kind: 'recipient', publicKey } });
    },
    async run(place) {
      const { vault: store, runtime, workers = 0 } = place;
      const writer = await openRepository({ store, runtime, writerKey: { privateKey }, settings: { workers } });
      return await snapshot(place, writer, 'second', { slow: true });
    },
    keeps: { vault: ['first'] },
  },
];
