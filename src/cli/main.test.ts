import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdfast, workFolder } from '../../test/cli/run-cli.ts';

let folder: Awaited<ReturnType<typeof workFolder>>;

beforeAll(async () => {
  folder = await workFolder();
});
afterAll(async () => {
  await folder.remove();
});

test('--help is data on stdout and names every command', async () => {
  const { status, stdout, stderr } = await holdfast(['--help'], { cwd: folder.path });
  expect(status).toBe(0);
  expect(stderr).toBe('');
  const commands =
    'init discover snapshot snapshots ls show diff drift ledger verify restore key doctor completion'.split(' ');
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  expect(stdout).not.toContain('complete [');
});

test('every command explains itself, with the options that all take', async () => {
  for (const command of ['snapshot', 'restore', 'verify']) {
    const { status, stdout } = await holdfast([command, '--help'], { cwd: folder.path });
    expect(status).toBe(0);
    expect(stdout).toContain('--passphrase-file');
  }
});

test('--version prints the version of the package', async () => {
  const { status, stdout } = await holdfast(['--version'], { cwd: folder.path });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('no command at all is wrong usage: help on stderr, status 2', async () => {
  const { status, stdout, stderr } = await holdfast([], { cwd: folder.path });
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('Usage: holdfast');
});

test.each([
  [['snapsho'], /unknown command 'snapsho' \(Did you mean snapshot\?\)/],
  [['snapshot', '--dryrun'], /unknown option '--dryrun' \(Did you mean --dry-run\?\)/],
  [['ls'], /missing required argument/],
  [['snapshots', '--memory', '1M'], /from 16M to 4G/],
  [['snapshots', '--concurrency', '0'], /whole number from 1 to 1024/],
  [['verify', '--read-data=200%'], /share such as 5%/],
  [['restore', 'latest', '--mode', 'hard'], /Allowed choices are/],
  [['restore', '--plan', 'p.json', '--to', 'live'], /cannot be used with/],
  [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/],
  [['snapshot', '--tag', 'nightly'], /key=value/],
  [['snapshots', '--since', 'yesterday'], /2026-11-20/],
  [['show', ':x'], /names no snapshot/],
  [['restore', 'latest'], /needs a target/],
  [['restore', '--to', 'out'], /needs a snapshot/],
  [['restore', 'latest', '--to', 'out', '--region', 'eu-west-1'], /belong to --to live/],
])('wrong usage is told with status 2: %j', async (args, message) => {
  const { status, stdout, stderr } = await holdfast(args, { cwd: folder.path });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error\[usage\.invalid\]: /);
  expect(stderr).toMatch(/^hint: /m);
  expect(status).toBe(2);
  expect(stdout).toBe('');
});

test('with --json an error is one document on stdout too, wrong usage included', async () => {
  const wrong = await holdfast(['--json', 'snapshots', '--nope'], { cwd: folder.path });
  expect(wrong.status).toBe(2);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ schema: 1, error: { code: 'usage.invalid', exit: 2 } });
  const missing = await holdfast(['snapshots', '--json'], { cwd: folder.path });
  expect(JSON.parse(missing.stdout)).toMatchObject({ schema: 1, error: { code: 'config.unreadable', exit: 2 } });
  expect(missing.status).toBe(2);
  const lines = await holdfast(['snapshots', '--json-lines'], { cwd: folder.path });
  expect(
    lines.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    expect.objectContaining({
      schema: 1,
      type: 'error',
      error: expect.objectContaining({ code: 'config.unreadable' }),
    }),
  ]);
});

test('--json and --json-lines exclude each other', async () => {
  const { status, stderr } = await holdfast(['snapshots', '--json', '--json-lines'], { cwd: folder.path });
  expect(status).toBe(2);
  expect(stderr).toContain("option '--json-lines' cannot be used with option '--json'");
});

test('colours: none without a terminal, some when forced, none with NO_COLOR or --no-color', async () => {
  const run = async (env: Record<string, string>, ...args: string[]): Promise<boolean> =>
    (await holdfast(['snapshots', ...args], { cwd: folder.path, env })).stderr.includes('\u001b[');
  expect(await run({})).toBe(false);
  expect(await run({ FORCE_COLOR: '1' })).toBe(true);
  expect(await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  expect(await run({ FORCE_COLOR: '1' }, '--no-color')).toBe(false);
});

test('a reader that goes away is no error', async () => {
  const { status, stderr } = await holdfast(['--help'], {
    cwd: folder.path,
    during: (child) => child.stdout?.destroy(),
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('HOLDFAST_CONFIG and --config name the configuration, and the option wins', async () => {
  const env = { HOLDFAST_CONFIG: 'a.yaml' };
  const fromEnvironment = await holdfast(['snapshots'], { cwd: folder.path, env });
  expect(fromEnvironment.stderr).toContain(join(folder.path, 'a.yaml'));
  await writeFile(join(folder.path, 'b.yaml'), 'version: 2\n');
  const fromOption = await holdfast(['snapshots', '--config', 'b.yaml'], { cwd: folder.path, env });
  expect(fromOption.stderr).toContain('b.yaml:1:10');
});

test('what is set of V8 exists: it would say nothing of a name that it does not know', async () => {
  const source = await readFile(new URL('main.ts', import.meta.url), 'utf8');
  const flags = [...source.matchAll(/setFlagsFromString\('(--[a-z-]+)=/g)].map(([, flag]) => flag);
  expect(flags.length).toBeGreaterThan(1);
  const known = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout;
  for (const flag of flags) expect(known).toMatch(new RegExp(`^  ${flag} `, 'm'));
});
