import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  await writeFile(join(estate.folder, 'tools', 'big.bin'), randomBytes(2_000_000));
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await estate.remove();
});

/** The largest object of the repository: a data pack. */
async function largest(): Promise<string> {
  const vault = join(estate.folder, 'vault');
  let found = { path: '', size: 0 };
  for (const entry of await readdir(vault, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { length } = await readFile(path);
    if (length > found.size) found = { path, size: length };
  }
  return found.path;
}

test('a flipped bit is found by reading the data, named with the resource it touches, exit 3', async () => {
  const pack = await largest();
  const good = await readFile(pack);
  const bad = Buffer.from(good);
  const middle = Math.floor(bad.length / 2);
  bad[middle] = (bad[middle] ?? 0) ^ 1;
  await writeFile(pack, bad);
  const { status, stdout } = await estate.run(['verify', '--read-data']);
  expect(status).toBe(3);
  expect(stdout).toMatch(/^damaged: /m);
  expect(stdout).toMatch(/^ +touches .*local\/tools/m);
  const json = await estate.run(['verify', '--read-data', '--json']);
  expect(json.status).toBe(3);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 1, whole: false });
  await writeFile(pack, good);
  expect(await estate.run(['verify', '--read-data'])).toMatchObject({ status: 0 });
});

test('a lost pack is found by the structure alone', async () => {
  const pack = await largest();
  const good = await readFile(pack);
  await rm(pack);
  const { status, stdout } = await estate.run(['verify']);
  expect(status).toBe(3);
  expect(stdout).toMatch(/^damaged: /m);
  await writeFile(pack, good);
});
