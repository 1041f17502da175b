import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  await estate.run(['snapshot']);
  await writeFile(join(estate.folder, 'tools', 'more.txt'), 'more '.repeat(1000));
  await estate.run(['snapshot']);
});
afterAll(async () => {
  await estate.remove();
});

test('tells what is stored, of which source, and what forgetting would free; changes nothing', async () => {
  const before = await estate.vault();
  const { status, stdout } = await estate.run(['stats', 'latest']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^all snapshots +\d.* restoring each of 2 snapshots$/m);
  expect(stdout).toMatch(/^different .* deduplicated [12]\.\d times$/m);
  expect(stdout).toMatch(/^not needed +0 B +0 chunks/m);
  expect(stdout).toMatch(/^SOURCE +SNAPSHOTS +RES\. +ENTRIES +SIZE +OWN +STORED\ntools +2 +1 /m);
  expect(stdout).toMatch(/^ID +COMMITTED +SIZE +NEW +ONLY HERE +FREES$/m);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  expect(await estate.vault()).toEqual(before);
});

test('--json holds every figure', async () => {
  const { stdout } = await estate.run(['stats', 'latest', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    needed: { chunks: expect.any(Number), plainBytes: expect.any(Number), storedBytes: expect.any(Number) },
    unneeded: { chunks: 0, storedBytes: 0 },
    orphans: { count: 0, bytes: 0 },
    sources: [{ estate: 'acme', source: 'tools', type: 'local', snapshots: 2, newest: { resources: 1 } }],
    snapshots: [{ unique: { chunks: expect.any(Number) } }, { committedAt: expect.stringContaining('Z') }],
    detail: { sources: [{ source: 'tools' }] },
    unread: 0,
  });
});

test('a snapshot that is not there', async () => {
  expectError(await estate.run(['stats', 'ffffffff']), 'snapshot.not-found', 2);
});
