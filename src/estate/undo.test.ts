import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { undoFolder } from './undo.ts';

let top: string;
beforeEach(async () => (top = await mkdtemp(join(tmpdir(), 'holdfast-undo-'))));
afterEach(async () => await rm(top, { recursive: true, force: true }));

const shop = { type: 'postgres', name: 'shop', id: 'postgres://db.example/shop', region: 'local', account: 'local' };

async function* pieces(...all: (string | Error)[]): AsyncGenerator<string> {
  for (const piece of all) {
    if (piece instanceof Error) throw piece;
    yield await Promise.resolve(piece);
  }
}

test('nothing is made before a file is written; then it is whole, and only its owner reads it', async () => {
  const file = undoFolder(join(top, 'a', 'b'))(shop);
  expect(await readdir(top)).toEqual([]);
  await file.write('.sql', pieces('begin;\n', '', 'commit;\n'));
  const path = join(top, 'a', 'b', 'postgres', 'shop.sql');
  expect(await readFile(path, 'utf8')).toBe('begin;\ncommit;\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  for (const folder of [['a'], ['a', 'b'], ['a', 'b', 'postgres']]) {
    expect((await stat(join(top, ...folder))).mode & 0o777).toBe(0o700);
  }
});

test('a later attempt takes the place of an earlier one, also of one that ended half-way', async () => {
  const file = undoFolder(top)(shop);
  await file.write('.sql', pieces('the first, which is longer\n'));
  await expect(file.write('.sql', pieces('half of ', new Error('gone')))).rejects.toThrow('gone');
  expect(await readFile(join(top, 'postgres', 'shop.sql'), 'utf8')).toBe('the first, which is longer\n');
  expect(await readdir(join(top, 'postgres'))).toEqual(['shop.sql']);
  await file.write('.sql', pieces('the third\n'));
  expect(await readFile(join(top, 'postgres', 'shop.sql'), 'utf8')).toBe('the third\n');
  expect(await readdir(join(top, 'postgres'))).toEqual(['shop.sql']);
});

test('what may be half done already keeps what takes it back', async () => {
  const file = undoFolder(top)(shop);
  await expect(file.create('.resp', pieces('half of ', new Error('gone')))).rejects.toThrow('gone');
  expect(await file.create('.resp', pieces('as it was\n'))).toBe('shop.resp');
  await expect(file.create('.resp', pieces('half changed\n'))).rejects.toMatchObject({ code: 'item.conflict' });
  expect(await readFile(join(top, 'postgres', 'shop.resp'), 'utf8')).toBe('as it was\n');
  expect(await readdir(join(top, 'postgres'))).toEqual(['shop.resp']);
});

test('what the server says while it is read is passed on as it is: whoever asked tries again by it', async () => {
  const race = Object.assign(new Error('could not serialize access'), { code: '40001' });
  await expect(undoFolder(top)(shop).write('.sql', pieces('begin;\n', race))).rejects.toBe(race);
});

test('a folder that cannot be made or written is a clear error', async () => {
  await writeFile(join(top, 'file'), '');
  const below = undoFolder(join(top, 'file', 'below'))(shop);
  await expect(below.write('.sql', pieces('x'))).rejects.toMatchObject({
    code: 'item.unreadable',
    resource: expect.stringContaining('shop.sql') as string,
  });
});

test('names that leave the folder do not', async () => {
  await undoFolder(join(top, 'undo'))({ ...shop, name: '../../up' }).write('.sql', pieces('x'));
  expect(await readdir(top)).toEqual(['undo']);
  expect(await readdir(join(top, 'undo', 'postgres'))).toHaveLength(1);
});
