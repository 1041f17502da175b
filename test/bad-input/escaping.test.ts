import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { awsEstate, type AwsEstate } from '../cli/aws-estate.ts';

// Keys that S3 allows and a file system must not follow.
const hostile = [
  '../../escaped.txt',
  '/etc/escaped.txt',
  'a/../../../escaped.txt',
  'dir/./x',
  '..',
  'nul\u0001key',
  'plain.txt',
];

let estate: AwsEstate;
let target: string;
let outside: string;

beforeAll(async () => {
  estate = await awsEstate({ hostile });
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
  target = join(estate.folder, 'deep', 'out');
  outside = join(estate.folder, 'outside');
});
afterAll(async () => {
  await estate.stop();
});
beforeEach(async () => {
  for (const path of [join(estate.folder, 'deep'), outside]) {
    await rm(path, { recursive: true, force: true });
    await mkdir(path);
  }
});

async function contents(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) found.push(await readFile(join(entry.parentPath, entry.name), 'utf8'));
  }
  return found;
}

test('names with .., absolute names and control characters are all restored, below the target', async () => {
  const result = await estate.run(['restore', 'latest', '--to', target, '--yes']);
  expect(result).toMatchObject({ status: 0 });
  const found = await contents(join(target, 's3-buckets', 'hostile'));
  for (const key of hostile) expect(found).toContain(`content of ${key}`);
  expect(await readdir(join(estate.folder, 'deep'))).toEqual(['out']);
  const written = await readdir(estate.folder);
  expect(written.filter((name) => name.includes('escaped'))).toEqual([]);
});

test('a link in the target that leads out of it is not followed: exit 4 or 2, and nothing is written behind it', async () => {
  await mkdir(join(target, 's3-buckets'), { recursive: true });
  await symlink(outside, join(target, 's3-buckets', 'hostile'));
  const result = await estate.run(['restore', 'latest', '--to', target, '--mode', 'revert-changed', '--yes']);
  expect(result.stdout + result.stderr).toContain('restore.path-escapes');
  expect([2, 4]).toContain(result.status);
  expect(await readdir(outside)).toEqual([]);
});

test('a link as a file of the target is replaced, not written through', async () => {
  const folder = join(target, 's3-buckets', 'hostile', 'objects');
  await mkdir(folder, { recursive: true });
  await writeFile(join(outside, 'precious'), 'precious');
  await symlink(join(outside, 'precious'), join(folder, 'plain.txt'));
  const result = await estate.run(['restore', 'latest', '--to', target, '--mode', 'revert-changed', '--yes']);
  expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('precious');
  expect(result.status).toBe(0);
  expect(await readFile(join(folder, 'plain.txt'), 'utf8')).toBe('content of plain.txt');
});
