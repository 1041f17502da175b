import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { startPostgres, type PostgresServer } from '../../../../test/servers/index.ts';
import { newDatabase, sql } from '../../../connectors/postgres/database-for-test.ts';
import type { Manifest } from '../../../estate/contract.ts';

let estate: LocalEstate;
let server: PostgresServer;
let database = '';
let log = '';

beforeAll(async () => {
  [estate, server] = await Promise.all([localEstate(), startPostgres({ version: 18 })]);
  database = await newDatabase(server, 'app');
  await sql(database, 'create table t (id int primary key)');
  log = join(estate.folder, 'log');
  // Takes some seconds to capture.
  for (let i = 0; i < 20; i++) {
    const folder = join(estate.folder, 'many', String(i));
    await mkdir(folder, { recursive: true });
    await Promise.all(
      Array.from({ length: 1000 }, async (_, j) => await writeFile(join(folder, String(j)), `${i} ${j}`)),
    );
  }
}, 120_000);
beforeEach(async () => await writeFile(log, ''));
afterAll(async () => {
  await Promise.all([estate.remove(), server.remove()]);
});

async function script(name: string, ...lines: string[]): Promise<void> {
  const file = join(estate.folder, name);
  await writeFile(file, ['#!/bin/sh', "trap '' PIPE", ...lines, ''].join('\n'));
  await chmod(file, 0o700);
}

/** holdfast.yaml with this barrier, `one`. */
async function configure(barrier: object): Promise<void> {
  const lines = [
    'version: 1',
    'estate: acme',
    'repository: ./vault',
    'sources:',
    '  - { type: local, name: tools, path: ./tools }',
    '  - { type: local, name: many, path: ./many }',
    `barriers: ${JSON.stringify({ one: barrier })}`,
  ];
  await writeFile(join(estate.folder, 'holdfast.yaml'), `${lines.join('\n')}\n`);
}

async function logged(): Promise<string[]> {
  return (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
}

async function snapshots(): Promise<number> {
  const { stdout } = await estate.run(['snapshots', '--json']);
  return (JSON.parse(stdout) as { readonly snapshots: readonly unknown[] }).snapshots.length;
}

const pair = { hold: ['./hold.sh'], release: ['./release.sh'] };

test('says how long it was held, in text and in the manifest, and what doctor finds', async () => {
  await script('hold.sh', 'echo hold >> log');
  await script('release.sh', 'echo release >> log');
  await configure({ sources: ['tools'], command: pair, until: 'captured' });
  const doctor = await estate.run(['doctor']);
  expect(doctor.stdout).toMatch(/^ok {4}barriers: one: hold\.sh and release\.sh can be run; for tools$/m);
  expect(await logged()).toEqual([]);
  const text = await estate.run(['snapshot', '--barrier', 'one']);
  expect([text.status, text.stderr]).toEqual([0, expect.stringContaining('many: done')]);
  expect(text.stdout).toMatch(/^Barrier one was held for \d+ ms\.\n {2}local\/tools from 20\S+ to 20\S+, within one$/m);
  const { stdout } = await estate.run(['snapshot', '--barrier', 'one', '--json']);
  const { barriers, moments } = JSON.parse(stdout) as Manifest;
  expect(barriers).toMatchObject([{ name: 'one', end: 'begun', sources: ['tools'] }]);
  expect(moments.map(({ source, barrier }) => [source, barrier?.state])).toEqual([
    ['tools', 'whole'],
    ['many', undefined],
  ]);
  // What is not of the barrier began after it.
  expect((moments[1]?.from ?? '') >= (barriers[0]?.releasedAt ?? '?')).toBe(true);
  expect(await logged()).toEqual(['hold', 'release', 'hold', 'release']);
}, 120_000);

test('captures nothing where it cannot be held, or all and says so: exit 1 and 4', async () => {
  const before = await snapshots();
  const broken = { sources: ['tools'], command: { ...pair, hold: ['/bin/false'] } };
  await configure(broken);
  const strict = await estate.run(['snapshot', '--barrier', 'one']);
  expect([strict.status, strict.stderr]).toEqual([
    1,
    expect.stringContaining('error[barrier.failed]: barrier one: false'),
  ]);
  expect(strict.stderr).not.toContain('many: done');
  expect(await snapshots()).toBe(before);
  await configure({ ...broken, required: false });
  const loose = await estate.run(['snapshot', '--barrier', 'one']);
  expect(loose.status).toBe(4);
  expect(loose.stdout).toContain('Barrier one was NOT held: sources did not begin together.');
  expect(loose.stdout).toContain('[barrier.missed]');
  expect(await snapshots()).toBe(before + 1);
}, 60_000);

test('refuses what cannot be, before anything is done: exit 2', async () => {
  await configure({ sources: ['tools'], command: pair });
  const wrong = [
    [['--barrier', 'none'], 'no barrier is called none'],
    [['--barrier', 'one', '--resume'], 'cannot go on with an interrupted one'],
    [['many', '--barrier', 'one'], 'no source of barrier one is part of this snapshot'],
    [['--barrier', 'none', '--dry-run'], 'no barrier is called none'],
  ] as const;
  for (const [args, message] of wrong) {
    const { status, stderr } = await estate.run(['snapshot', ...args]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
}, 60_000);

test('lets go when it is interrupted', async () => {
  await script('hold.sh', 'echo hold >> log');
  await script('release.sh', 'echo release >> log');
  await configure({ sources: ['many'], command: pair, until: 'captured' });
  const { status, stderr } = await estate.run(
    ['snapshot', '--barrier', 'one'],
    {},
    { during: killAt('hold', 'SIGINT') },
  );
  expect([status, stderr]).toEqual([130, expect.stringContaining('Run the command again.')]);
  expect(await logged()).toEqual(['hold', 'release']);
}, 60_000);

test.each([
  ['two programs', { command: pair }],
  ['one program', { command: { run: ['./holds.sh'] } }],
])(
  'lets go of %s when the process is killed',
  async (_, how) => {
    await script('hold.sh', 'echo hold >> log');
    await script('release.sh', 'echo release >> log');
    await script('holds.sh', 'echo HELD', 'echo hold >> log', 'cat > /dev/null', 'echo release >> log');
    await configure({ sources: ['many'], ...how, until: 'captured' });
    await estate.run(['snapshot', '--barrier', 'one'], {}, { during: killAt('hold', 'SIGKILL') });
    await expect.poll(logged, { timeout: 10_000 }).toEqual(['hold', 'release']);
  },
  60_000,
);

test('lets go of a program that was killed off in the middle of holding, once that has ended', async () => {
  await script('hold.sh', 'echo begin >> log', 'sleep 1', 'echo hold >> log');
  await script('release.sh', 'echo release >> log');
  await configure({ sources: ['many'], command: pair });
  await estate.run(['snapshot', '--barrier', 'one'], {}, { during: killAt('begin', 'SIGKILL') });
  await expect.poll(logged, { timeout: 10_000 }).toEqual(['begin', 'hold', 'release']);
}, 60_000);

test('lets go of a transaction when the process is killed', async () => {
  await configure({
    sources: ['many'],
    postgres: { url: '${DATABASE_URL}', 'lock-tables': ['public.t'] },
    until: 'captured',
  });
  const locked = "select 1 from pg_locks where mode = 'ShareLock' and granted";
  let wasLocked = false;
  await estate.run(
    ['snapshot', '--barrier', 'one'],
    { DATABASE_URL: database },
    {
      during: (child) =>
        void (async () => {
          while (!wasLocked) wasLocked = (await sql(database, locked)).length > 0;
          child.kill('SIGKILL');
        })(),
    },
  );
  expect(wasLocked).toBe(true);
  await expect.poll(async () => await sql(database, locked), { timeout: 10_000 }).toEqual([]);
}, 60_000);

/** Sends a signal as soon as the log has this line. */
function killAt(line: string, signal: NodeJS.Signals): (child: { kill(signal: NodeJS.Signals): boolean }) => void {
  return (child) =>
    void (async () => {
      while (!(await logged()).includes(line)) await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill(signal);
    })();
}
