import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '../../src/estate/contract.ts';
import { awsEstate, type AwsEstate } from '../cli/aws-estate.ts';

let estate: AwsEstate;
let folder: string;

const text = (i: number): string => `Invoice ${i}: one thing, delivered as agreed. `.repeat(1200);
const names = Array.from({ length: 30 }, (_, i) => `invoice-${i}.txt`);

beforeAll(async () => {
  estate = await awsEstate({ acme: [] });
  folder = join(estate.folder, 'office');
  await mkdir(folder);
  for (const [i, name] of names.entries()) {
    await writeFile(join(folder, name), text(i));
    await estate.putObject('acme', name, text(i + 100));
  }
  const written = await readFile(join(estate.folder, 'holdfast.yaml'), 'utf8');
  await writeFile(
    join(estate.folder, 'holdfast.yaml'),
    `${written}  - { type: local, name: office, path: ./office }\n`,
  );
});
afterAll(async () => {
  await estate.stop();
});

async function snapshot(): Promise<Manifest> {
  const { status, stdout } = await estate.run(['snapshot', '--json']);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Manifest;
}

test('a folder and a bucket that are encrypted raise alarms, and the snapshot is stored all the same', async () => {
  expect((await snapshot()).alarms).toEqual([]);
  await writeFile(join(folder, names[0] ?? ''), text(500));
  expect((await snapshot()).alarms).toEqual([]);

  for (const name of names) {
    await writeFile(join(folder, name), randomBytes(text(1).length));
    await rename(join(folder, name), join(folder, `${name}.crypt`));
    await estate.putObject('acme', name, randomBytes(text(1).length));
  }
  const { stdout, stderr, status } = await estate.run(['snapshot']);
  expect(status).toBe(0);
  expect(stdout).toContain('Alarms, compared with earlier snapshots:');
  expect(stdout).toMatch(/local\/office: of \d+ entries 0 have another content, and 30 gave way to new ones/);
  expect(stdout).toContain('local/office: 30 new names end in .crypt, and 30 old names are gone');
  expect(stdout).toMatch(/s3-buckets\/acme: of \d+ entries 30 have another content/);
  expect(stdout).toMatch(/s3-buckets\/acme: 100 % of \d+ new bytes look encrypted or compressed; it was 0 % before/);
  expect(stderr).toContain('alarm: local/office');

  const listed = await estate.run(['snapshots']);
  expect(listed.stdout.trimEnd().split('\n').at(-1)).toMatch(/complete !\d/);
  // What was there before the attack is what comes back.
  await rm(folder, { recursive: true });
  expect(await estate.run(['restore', 'latest~1:local/office', '--to', 'out', '--yes'])).toMatchObject({ status: 0 });
  const restored = join(estate.folder, 'out', 'local', 'office');
  expect((await readdir(restored)).sort()).toEqual([...names].sort());
  expect(await readFile(join(restored, 'invoice-7.txt'), 'utf8')).toBe(text(7));
}, 300_000);
