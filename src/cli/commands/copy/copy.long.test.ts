import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  expect((await estate.run(['snapshot', '--quiet', '--tag', 'keep=yes'])).status).toBe(0);
  await writeFile(join(estate.folder, 'tools', 'c.txt'), 'gamma\n');
  expect((await estate.run(['snapshot', '--quiet'])).status).toBe(0);
});
afterAll(async () => {
  await estate.remove();
});

interface Report {
  readonly sameIds: boolean;
  readonly snapshots: readonly {
    readonly outcome: string;
    readonly bytesRead: number;
    readonly snapshot: { id: string };
  }[];
}

async function copy(...args: string[]): Promise<Report> {
  const result = await estate.run(['copy', '--json', ...args]);
  expect(result).toMatchObject({ status: 0 });
  return JSON.parse(result.stdout) as Report;
}

test('makes the other repository, copies what is missing, and a restore from it alone equals the source', async () => {
  expectError(await estate.run(['copy', '--to', './other']), 'storage.bucket-missing', 2);
  expectError(await estate.run(['copy']), 'usage.invalid', 2);
  const first = await copy('--to', './other', '--init', '--tag', 'keep=yes');
  expect(first).toMatchObject({ sameIds: true, snapshots: [{ outcome: 'copied' }] });
  const counted = await copy('--to', './other', '--dry-run');
  expect(counted.snapshots.map(({ outcome }) => outcome)).toEqual(['present', 'counted']);
  expect(counted.snapshots[1]?.bytesRead).toBeLessThan(1000);
  const text = await estate.run(['copy', '--to', './other']);
  expect(text.stdout).toContain('1 snapshot copied, 1 there already.');
  const restored = await estate.run(['restore', 'latest', '--to', 'out', '--yes', '--repository', './other']);
  expect(restored).toMatchObject({ status: 0 });
  expect(await readFile(join(estate.folder, 'out', 'local', 'tools', 'c.txt'), 'utf8')).toBe('gamma\n');
  const { id } = (await copy('--to', './other', 'latest')).snapshots[0]?.snapshot ?? { id: '' };
  const shown = await estate.run(['snapshots', '--json', '--repository', './other']);
  expect((JSON.parse(shown.stdout) as { snapshots: { id: string }[] }).snapshots[1]?.id).toBe(id);
});

test('to a repository with a passphrase and secrets of its own', async () => {
  const own = { HOLDFAST_PASSPHRASE: 'another one' };
  expect((await estate.run(['init', '--yes', '--repository', './foreign'], own)).status).toBe(0);
  expectError(await estate.run(['copy', '--to', './foreign']), 'repository.wrong-passphrase', 2);
  const copied = await estate.run(['copy', '--to', './foreign', '--json'], { HOLDFAST_TO_PASSPHRASE: 'another one' });
  expect(JSON.parse(copied.stdout)).toMatchObject({ sameIds: false, snapshots: [{ outcome: 'copied' }, {}] });
  await writeFile(join(estate.folder, 'other.txt'), 'another one\n');
  const again = await copy('--to', './foreign', '--to-passphrase-file', 'other.txt');
  expect(again.snapshots.map(({ outcome }) => outcome)).toEqual(['present', 'present']);
  expect((await estate.run(['verify', '--read-data', '--repository', './foreign'], own)).status).toBe(0);
});

test('says which snapshot damage keeps from being copied, and exits with 3', async () => {
  const [pack] = await packs();
  await rm(pack ?? '');
  const result = await estate.run(['copy', '--to', './third', '--init']);
  expect(result.status).toBe(3);
  expect(result.stdout).toMatch(/failed: [0-9a-f]{12}:local\/tools cannot be copied: /);
  expect(result.stdout).toContain('cannot be copied.');
});

async function packs(): Promise<string[]> {
  const folder = join(estate.folder, 'vault', 'data');
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
