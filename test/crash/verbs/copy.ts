import { deepStrictEqual } from 'node:assert/strict';
import { isCode } from '../../../src/kernel/errors.ts';
import type { Repository } from '../../../src/repository/contract.ts';
import { createRepository } from '../../../src/repository/index.ts';
import { passphrase } from '../../repository/small-repository.ts';
import { create, nameTag, open, prepared, type Place, type Verb } from '../place.ts';

async function copy(place: Place, targetOf: (source: Repository) => Promise<Repository>): Promise<boolean> {
  const source = await open(place, place.vault);
  const target = await targetOf(source);
  const { snapshots } = await source.copyTo(target, { snapshots: (await source.snapshots()).list });
  await source.close();
  await target.close();
  return snapshots.some(({ outcome }) => outcome !== 'present');
}

async function openOrCreate(place: Place, source: Repository): Promise<Repository> {
  try {
    return await open(place, place.target);
  } catch (error) {
    if (!isCode(error, 'repository.missing')) throw error;
    return await createAlike(place, source);
  }
}

async function createAlike({ target: store, runtime, workers = 0 }: Place, sameIdsAs: Repository): Promise<Repository> {
  const scrypt = { n: 2, r: 8, p: 1 };
  return await createRepository({ store, runtime, passphrase, scrypt, sameIdsAs, settings: { workers } });
}

/** The source with two snapshots more than the target. */
async function ahead(place: Place, makeTarget: (source: Repository) => Promise<Repository>): Promise<void> {
  await prepared(place, 'first', 'second', 'fourth');
  const source = await open(place, place.vault);
  const { list } = await source.snapshots();
  await source.copyTo(await makeTarget(source), { snapshots: list.slice(0, 1) });
}

const keeps = { vault: ['first', 'second', 'fourth'] };

/** Each snapshot of the source is there, once, as the one that it is. */
async function expectCopied(place: Place): Promise<void> {
  const source = (await (await open(place, place.vault)).snapshots()).list;
  const target = (await (await open(place, place.target)).snapshots()).list;
  deepStrictEqual(
    target.map(({ id, startedAt, tags }) => [id, startedAt, tags[nameTag]]),
    source.map(({ id, startedAt, tags }) => [id, startedAt, tags[nameTag]]),
  );
}

export const copyVerbs: readonly Verb[] = [
  {
    name: 'copy, other secrets',
    prepare: (place) => ahead(place, () => create(place, place.target)),
    run: (place) => copy(place, () => open(place, place.target)),
    keeps: { ...keeps, target: ['first'] },
    atEnd: expectCopied,
  },
  {
    name: 'copy, the same ids',
    prepare: (place) => ahead(place, (source) => createAlike(place, source)),
    run: (place) => copy(place, () => open(place, place.target)),
    keeps: { ...keeps, target: ['first'] },
    atEnd: expectCopied,
  },
  {
    name: 'copy, into a new repository',
    prepare: (place) => prepared(place, 'first', 'second', 'fourth'),
    run: (place) => copy(place, (source) => openOrCreate(place, source)),
    keeps,
    atEnd: expectCopied,
  },
];
