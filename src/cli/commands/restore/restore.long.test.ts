import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import type { RestorePlan } from '../../../estate/restore-contract.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  await symlink('a.txt', join(estate.folder, 'tools', 'link'));
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await estate.remove();
});
beforeEach(async () => {
  for (const name of ['out', 'plan.json']) await rm(join(estate.folder, name), { recursive: true, force: true });
});

const restored = (...path: string[]): string => join(estate.folder, 'out', ...path);

test('to a directory: plan, apply, ledger, with the layout and a manifest', async () => {
  const { status, stdout } = await estate.run(['restore', 'latest', '--to', 'out', '--yes']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Restore snapshot [0-9a-f]{32} to .*out \(create-missing\)/);
  expect(stdout).toContain('applied');
  // Folders and links count as files do.
  const [, planned] = / (\d+) items?, /.exec(stdout) ?? [];
  expect(stdout).toContain(`already so, ${planned} items, `);
  expect(await readFile(restored('local', 'tools', 'a.txt'), 'utf8')).toBe('alpha\n');
  expect(await readdir(restored())).toEqual(expect.arrayContaining(['MANIFEST.md', 'MANIFEST.json', 'local']));
});

test('a snapshot that lacks a source is restored as far as it goes, and that is said: exit 4', async () => {
  const file = join(estate.folder, 'holdfast.yaml');
  const config = await readFile(file, 'utf8');
  await writeFile(file, config.replace(/^sources:.*$/m, '$&\n  - { type: local, name: gone, path: ./gone }'));
  try {
    expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 4 });
    const planned = await estate.run(['restore', 'latest', '--to', 'out', '--dry-run']);
    expect(planned.status).toBe(4);
    expect(planned.stdout).toMatch(/Not in this snapshot \(1\)\n.*could not be listed: .*gone/);
    const { status, stdout } = await estate.run(['restore', 'latest', '--to', 'out', '--yes']);
    expect(status).toBe(4);
    expect(stdout).toContain('not in the snapshot: gone: it could not be listed');
    expect(await readFile(restored('MANIFEST.md'), 'utf8')).toContain('gone');
    const ofIt = await estate.run(['restore', 'latest:local/gone', '--to', 'out2']);
    expect(ofIt).toMatchObject({ status: 2, stderr: expect.stringContaining('the source gone could not be listed') });
  } finally {
    await writeFile(file, config);
    expect(await estate.run(['forget', 'latest', '--yes', '--quiet'])).toMatchObject({ status: 0 });
  }
});

test('one file', async () => {
  const { status } = await estate.run(['restore', 'latest:local/tools/files/a.txt', '--to', 'out', '--yes']);
  expect(status).toBe(0);
  expect(await readFile(restored('local', 'tools', 'a.txt'), 'utf8')).toBe('alpha\n');
  expect(await readdir(restored('local', 'tools'))).toEqual(['a.txt']);
});

test('--dry-run prints the plan and writes nothing', async () => {
  const { status, stdout, stderr } = await estate.run(['restore', 'latest', '--to', 'out', '--dry-run']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/1 action \(1 create, 0 update, 0 delete\)/);
  expect(stderr).toContain('Nothing was changed.');
  expect(await readdir(estate.folder)).not.toContain('out');
});

test('without a terminal and without --yes nothing is changed: exit 2', async () => {
  for (const target of ['out', 'live']) {
    await rm(join(estate.folder, 'tools', 'a.txt'), { force: true });
    const { status, stderr } = await estate.run(['restore', 'latest', '--to', target]);
    expect(stderr).toContain('error[usage.needs-confirmation]');
    expect(status).toBe(2);
  }
  expect(await readdir(estate.folder)).not.toContain('out');
  expect(await readdir(join(estate.folder, 'tools'))).not.toContain('a.txt');
});

test('a plan is written, reviewed and applied later', async () => {
  const written = await estate.run(['restore', 'latest', '--to', 'out', '--plan-out', 'plan.json']);
  expect(written.status).toBe(0);
  expect(await readdir(estate.folder)).not.toContain('out');
  const plan = JSON.parse(await readFile(join(estate.folder, 'plan.json'), 'utf8')) as RestorePlan;
  expect(plan).toMatchObject({ schema: 1, estate: 'acme' });
  const applied = await estate.run(['restore', '--plan', 'plan.json', '--yes', '--json']);
  expect(applied.status).toBe(0);
  expect(JSON.parse(applied.stdout)).toMatchObject({ schema: 1, outcome: 'complete', proof: { result: 'none' } });
  expect(await readFile(restored('local', 'tools', 'a.txt'), 'utf8')).toBe('alpha\n');
});

test.each([
  ['no JSON', 'plan: 1'],
  ['something else', '{"schema":1}'],
])('a plan that is %s is refused', async (_what, text) => {
  await writeFile(join(estate.folder, 'plan.json'), text);
  const { status, stderr } = await estate.run(['restore', '--plan', 'plan.json', '--yes']);
  expect(stderr).toContain('error[plan.invalid]');
  expect(status).toBe(2);
});

test('a plan that is not there', async () => {
  const { status, stderr } = await estate.run(['restore', '--plan', 'plan.json', '--yes']);
  expect(stderr).toContain('error[plan.invalid]');
  expect(status).toBe(2);
});

test('live: what was lost comes back, is captured again and equals the snapshot', async () => {
  const tools = join(estate.folder, 'tools');
  await rm(join(tools, 'a.txt'), { force: true });
  await writeFile(join(tools, 'deep', 'b.bin'), 'changed');
  const drift = await estate.run(['drift']);
  expect(drift.status).toBe(1);
  expect(drift.stdout).toMatch(/missing +files\/a\.txt/);
  expect(drift.stdout).toMatch(/changed +files\/deep\/b\.bin/);
  const { status, stdout } = await estate.run([
    'restore',
    'latest',
    '--to',
    'live',
    '--mode',
    'revert-changed',
    '--yes',
  ]);
  expect(stdout).toMatch(/Verified: 1 resource and \d+ entries read back and equal to the snapshot\./);
  expect(status).toBe(0);
  expect(await readFile(join(tools, 'a.txt'), 'utf8')).toBe('alpha\n');
  expect(await estate.run(['drift'])).toMatchObject({ status: 0 });
  expect((await estate.run(['verify', '--against-live'])).status).toBe(0);
});

test('after the disaster: repository and passphrase alone restore everything', async () => {
  const bare = join(estate.folder, 'bare');
  await mkdir(bare);
  const args = ['restore', 'latest', '--to', join(estate.folder, 'out'), '--repository', '../vault', '--yes'];
  const { status } = await estate.run(args, {}, { cwd: bare });
  expect(status).toBe(0);
  expect(await readFile(restored('local', 'tools', 'a.txt'), 'utf8')).toBe('alpha\n');
});

test('--at is for live restores', async () => {
  const { status, stderr } = await estate.run(['restore', 'latest', '--to', 'out', '--at', '2026-11-20T02:00Z']);
  expect([status, stderr]).toEqual([2, expect.stringContaining('--at belong to --to live')]);
});
