import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemRuntime } from '../../kernel/runtime.ts';
import type { ObjectStore, StageCapability } from '../contract.ts';
import { openDirectoryStore } from './index.ts';

let folder: string;
let store: ObjectStore;
let stage: StageCapability;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-stage-'));
  store = await openDirectoryStore({ path: folder, runtime: systemRuntime });
  stage = store.capabilities.stage as StageCapability;
});
afterEach(() => rm(folder, { recursive: true }));

it('gives a file that was written in pieces its key, and takes it from where it was', async () => {
  const path = `${await stage.prepare()}1`;
  await writeFile(path, 'in ');
  await writeFile(path, 'pieces', { flag: 'a' });
  const { version } = await stage.put(path, 'data/ab/cd', { ifAbsent: true });
  expect(Buffer.from(await store.get('data/ab/cd')).toString()).toBe('in pieces');
  expect((await store.stat('data/ab/cd'))?.version).toBe(version);
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
});

it('never replaces an object that must not be there, and keeps the file for another attempt', async () => {
  await store.put('data/ab/cd', [Buffer.from('first')]);
  const path = `${await stage.prepare()}1`;
  await writeFile(path, 'second');
  await expect(stage.put(path, 'data/ab/cd', { ifAbsent: true })).rejects.toMatchObject({ code: 'storage.exists' });
  expect(Buffer.from(await store.get('data/ab/cd')).toString()).toBe('first');
  expect(await readFile(path, 'utf8')).toBe('second');
});

it('can be asked again after the answer was lost', async () => {
  const path = `${await stage.prepare()}1`;
  await writeFile(path, 'whole');
  await stage.put(path, 'data/ab/cd', { ifAbsent: true });
  await expect(stage.put(path, 'data/ab/cd', { ifAbsent: true })).rejects.toMatchObject({
    code: expect.stringMatching(/^storage\./),
  });
  expect(Buffer.from(await store.get('data/ab/cd')).toString()).toBe('whole');
});

it('discards what was begun with a prefix, and nothing else', async () => {
  const [mine, other] = [await stage.prepare(), await stage.prepare()];
  for (const path of [`${mine}1`, `${mine}2`, `${other}1`]) await writeFile(path, 'x');
  await stage.discard(mine);
  expect(await readdir(join(folder, 'tmp'))).toEqual([`${other}1`.slice(folder.length + '/tmp/'.length)]);
});

it('refuses what it cannot promise, and keys that are none', async () => {
  const path = `${await stage.prepare()}1`;
  await writeFile(path, 'x');
  await expect(stage.put(path, 'a', { ifMatch: 'x' })).rejects.toMatchObject({ code: 'storage.unsupported' });
  await expect(stage.put(path, '../a')).rejects.toThrow(/key/);
});
