import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  await estate.run(['snapshot', '--quiet']);
  await rm(join(estate.folder, 'tools', 'a.txt'));
  await writeFile(join(estate.folder, 'tools', 'c.txt'), 'new');
  await writeFile(join(estate.folder, 'tools', 'deep', 'b.bin'), 'changed');
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await estate.remove();
});

test('what was added, removed and changed between two snapshots', async () => {
  const { status, stdout } = await estate.run(['diff', 'latest~1', 'latest']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^~ local\/tools +\d+ entries$/m);
  expect(stdout).toMatch(/^ +\+ .*c\.txt$/m);
  expect(stdout).toMatch(/^ +- .*a\.txt$/m);
  expect(stdout).toMatch(/^ +~ .*deep\/b\.bin$/m);
});

test('a snapshot equals itself; --json says the same', async () => {
  expect((await estate.run(['diff', 'latest', 'latest'])).stdout).toBe('No difference.\n');
  const { stdout } = await estate.run(['diff', 'latest', 'latest', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, resources: [] });
});

test('a part only', async () => {
  const { stdout } = await estate.run(['diff', 'latest~1', 'latest', 'local/tools/files/deep']);
  expect(stdout).toContain('b.bin');
  expect(stdout).not.toContain('c.txt');
});
