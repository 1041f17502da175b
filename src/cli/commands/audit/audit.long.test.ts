import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  await estate.run(['snapshot']);
});
afterAll(async () => {
  await estate.remove();
});

interface AuditDocument {
  readonly whole: boolean;
  readonly head: { readonly number: number; readonly digest: string };
  readonly records: readonly { readonly action: string; readonly phase: string; readonly details: object }[];
}

test('a restore is recorded before and after, with who did it', async () => {
  expect(await estate.run(['restore', 'latest', '--to', 'out', '--yes'])).toMatchObject({ status: 0 });
  const { status, stdout } = await estate.run(['audit']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/restore begins .*snapshot=/);
  expect(stdout).toContain('restore ends (1)');
  expect(stdout).toMatch(/2 records, the chain is whole\.\nHead: 2:[0-9a-f]{64}\n$/);
});

test('--json holds the records; a head noted earlier must still be there', async () => {
  const document = JSON.parse((await estate.run(['audit', '--json'])).stdout) as AuditDocument;
  expect(document).toMatchObject({ schema: 1, whole: true, unfinished: [], problems: [] });
  expect(document.records.map(({ action, phase }) => `${action} ${phase}`)).toEqual([
    'restore intent',
    'restore outcome',
  ]);
  const anchor = `${document.head.number}:${document.head.digest}`;
  expect(await estate.run(['audit', '--verify', '--anchor', anchor])).toMatchObject({ status: 0 });
  const folder = join(estate.folder, 'vault', 'audit');
  const [newest] = (await readdir(folder)).sort();
  await rm(join(folder, newest as string));
  const unfinished = await estate.run(['audit', '--verify']);
  expect(unfinished.status).toBe(0);
  expect(unfinished.stdout).toContain('Record 1 has no outcome');
  const broken = await estate.run(['audit', '--verify', '--anchor', anchor]);
  expect(broken.status).toBe(3);
  expect(broken.stdout).toContain('missing: record 2, noted earlier');
});

test('an anchor that is none is refused', async () => {
  expectError(await estate.run(['audit', '--anchor', '12']), 'usage.invalid', 2);
});
