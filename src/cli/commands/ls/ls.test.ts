import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  const many = join(estate.folder, 'tools', 'many');
  await mkdir(many);
  for (let i = 0; i < 1000; i++) await writeFile(join(many, `file-with-a-rather-long-name-${i}.txt`), `${i}`);
  await writeFile(join(estate.folder, 'tools', 'odd\u001b[2Jname'), 'x');
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await estate.remove();
});

test('resources, then entries, then one entry', async () => {
  const resources = await estate.run(['ls', 'latest']);
  expect(resources.stdout).toMatch(/^RESOURCE +REGION +ENTRIES +SIZE +OUTCOME\nlocal\/tools +local /);
  const entries = await estate.run(['ls', 'latest:local/tools/files']);
  expect(entries.stdout.split('\n')).toEqual(
    expect.arrayContaining(['local/tools/files/a.txt', 'local/tools/files/deep/']),
  );
  const long = await estate.run(['ls', '--long', 'latest:local/tools/files/a.txt']);
  expect(long.stdout).toMatch(/^blob +6 B +\d{4}-\d\d-\d\dT[\d:]+Z +local\/tools\/files\/a\.txt\n$/);
});

test('names that would move the cursor are written out', async () => {
  const { stdout } = await estate.run(['ls', 'latest:local/tools/files']);
  expect(stdout).toContain('odd\\x1b[2Jname');
  expect(stdout).not.toContain('\u001b');
});

test('a reader that goes away in the middle of a long list is no error', async () => {
  const { status, stdout, stderr } = await estate.run(
    ['ls', 'latest:local/tools/files/many'],
    {},
    {
      during: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.split('\n').length).toBeLessThan(1000);
});

test('--json is one document, --json-lines one entry a line', async () => {
  const { stdout } = await estate.run(['ls', '--json', 'latest:local/tools/files/many']);
  const document = JSON.parse(stdout) as { entries: { path: string; size: number }[] };
  expect(document).toMatchObject({ schema: 1, resource: 'local/tools' });
  expect(document.entries).toHaveLength(1000);
  expect(document.entries[0]).toMatchObject({ kind: 'blob', secret: false, size: 1 });
  const lines = await estate.run(['ls', '--json-lines', 'latest:local/tools/files/many']);
  expect(lines.stdout.trimEnd().split('\n')).toHaveLength(1000);
});

test.each([
  ['yesterday', 'snapshot.not-found'],
  ['latest~7', 'snapshot.not-found'],
  ['latest:local/tools/files/nothing', 'snapshot.path-not-found'],
])('%s is %s, status 2', async (reference, code) => {
  const { status, stderr } = await estate.run(['ls', reference]);
  expect(stderr).toContain(`error[${code}]`);
  expect(status).toBe(2);
});
