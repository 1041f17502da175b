import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  await writeFile(join(estate.folder, 'tools', 'big.bin'), randomBytes(2_000_000));
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(() => estate.remove());

test('nothing to repair: nothing is asked, nothing is written', async () => {
  const before = await estate.vault();
  expect(await estate.run(['repair'])).toMatchObject({ status: 0, stdout: 'Nothing to repair was found.\n' });
  expect(await estate.vault()).toEqual(before);
});

test('a lost pack: check says so, a dry run says what would be done, and nothing is done unasked', async () => {
  const folder = join(estate.folder, 'vault', 'data');
  for (const name of await readdir(folder, { recursive: true }))
    if (/[0-9a-f]{64}$/.test(name) && (await readFile(join(folder, name))).length > 1_000_000)
      await rm(join(folder, name));
  expect((await estate.run(['check'])).status).toBe(3);
  const before = await estate.vault();
  const dry = await estate.run(['repair', '--dry-run']);
  expect(dry.status).toBe(4);
  expect(dry.stdout).toMatch(
    /^snapshot [0-9a-f]{32}: a repaired one would be stored beside it\n {4}0 resources whole, 1 in part/m,
  );
  expectError(await estate.run(['repair']), 'usage.needs-confirmation', 2);
  expect(await estate.vault()).toEqual(before);
});

test('a repaired snapshot has the rest', async () => {
  const json = await estate.run(['repair', '--yes', '--remove-damaged', '--json']);
  expect(json.status).toBe(4);
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: 1,
    dryRun: false,
    snapshots: [{ existed: false, lost: 2, resources: { whole: 0, partial: 1, lost: 0 } }],
    left: [],
  });
  expect(await estate.run(['check', '--read-data'])).toMatchObject({ status: 0 });
  expect((await estate.run(['show', 'latest:local/tools/files/a.txt'])).stdout).toBe('alpha\n');
});

test('the next snapshot has everything again', async () => {
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
  expect(await estate.run(['verify', '--read-data'])).toMatchObject({ status: 0 });
  expect(await estate.run(['restore', 'latest', '--to', 'back', '--yes'])).toMatchObject({ status: 0 });
});

test('a lost configuration: told with what helps, and made again', async () => {
  await rm(join(estate.folder, 'vault', 'config', '00000001'));
  expectError(await estate.run(['snapshots']), 'repository.missing', 2);
  const dry = await estate.run(['repair', '--configuration', '--dry-run']);
  expect(dry).toMatchObject({ status: 0 });
  expectError(await estate.run(['snapshots']), 'repository.missing', 2);
  expect(await estate.run(['repair', '--configuration', '--yes'])).toMatchObject({ status: 0 });
  expect(await estate.run(['check', '--read-data'])).toMatchObject({ status: 0 });
});
