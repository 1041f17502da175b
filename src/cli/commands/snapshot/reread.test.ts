import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import type { Manifest } from '../../../estate/contract.ts';

let estate: LocalEstate;
let file = '';
const past = new Date('2026-01-02T03:04:05Z');

beforeAll(async () => {
  estate = await localEstate();
  file = join(estate.folder, 'tools', 'a.txt');
  // Only root could set ctime back: without it, a change of the same size and time cannot be seen.
  const source = '  - { type: local, name: tools, path: ./tools, ignore-ctime: true }';
  const lines = ['version: 1', 'estate: acme', 'repository: ./vault', 'sources:', source, ''];
  await writeFile(join(estate.folder, 'holdfast.yaml'), lines.join('\n'));
  await utimes(file, past, past);
  await take();
});
afterAll(async () => {
  await estate.remove();
});

async function take(...options: string[]): Promise<Manifest> {
  const { status, stdout } = await estate.run(['snapshot', '--json', ...options]);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Manifest;
}

async function packs(): Promise<string[]> {
  return [...(await estate.vault()).keys()].filter((key) => key.includes('data/')).sort();
}

async function captured(): Promise<string> {
  return (await estate.run(['show', 'latest:local/tools/files/a.txt'])).stdout;
}

test('--reread reads what does not look changed, and stores nothing that is known', async () => {
  const before = await packs();
  expect(before.length).toBeGreaterThan(0);
  expect((await take()).totals.reused).toBeGreaterThan(0);
  const again = await take('--reread');
  expect(again.totals).toMatchObject({ reused: 0 });
  expect(again.alarms).toEqual([]);
  expect(await packs()).toEqual(before);
});

test('--reread finds a change that size and times hide', async () => {
  await writeFile(file, 'ALPHA\n');
  await utimes(file, past, past);
  await take();
  expect(await captured()).toBe('alpha\n');
  await take('--reread');
  expect(await captured()).toBe('ALPHA\n');
  // What it read is what the next one takes over.
  expect((await take()).totals.reused).toBeGreaterThan(0);
  expect(await captured()).toBe('ALPHA\n');
});

test('--reread goes on with nothing and settles nothing', async () => {
  expectError(await estate.run(['snapshot', '--reread', '--resume']), 'usage.invalid', 2);
  expectError(await estate.run(['snapshot', '--reread', '--settle']), 'usage.invalid', 2);
});
