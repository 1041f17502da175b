import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { showKeepRules, type KeepRules } from '../../../kernel/keep-rules.ts';
import type { PruneReport } from '../../../repository/prune/contract.ts';
import { formatSpan } from '../../../kernel/span.ts';
import { checkUsage, type ForgetOptions } from './run.ts';
import { keepRulesOf } from './rules.ts';
import { parseSchedule } from './simulate.ts';

let estate: LocalEstate;
const ids: string[] = [];

beforeAll(async () => {
  estate = await localEstate();
  const file = join(estate.folder, 'holdfast.yaml');
  const plans = 'plans:\n  daily: { keep: { last: 2 } }\n';
  await writeFile(file, (await readFile(file, 'utf8')) + plans);
  for (let n = 0; n < 4; n++) {
    await writeFile(join(estate.folder, 'tools', 'n.txt'), `${n}`.repeat(200));
    const made = await estate.run(['snapshot', '--json', ...(n === 0 ? ['--tag', 'pin=first of all'] : [])]);
    ids.push((JSON.parse(made.stdout) as { snapshot: string }).snapshot);
  }
});
afterAll(async () => {
  await estate.remove();
});

const left = async (): Promise<string[]> => {
  const { stdout } = await estate.run(['snapshots', '--json']);
  return (JSON.parse(stdout) as { snapshots: { id: string }[] }).snapshots.map(({ id }) => id);
};

test('says what would stay and why, and changes nothing without an answer', async () => {
  const before = await estate.vault();
  const dry = await estate.run(['forget', '--keep-last', '2', '--dry-run']);
  expect(dry.status).toBe(0);
  const lines = dry.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(6);
  expect(lines[1]).toContain('pinned: first of all');
  expect(lines[2]).toMatch(/complete\s+forget$/);
  expect(lines[4]).toContain('last 1, newest complete');
  expect(lines[5]).toBe('1 snapshot to forget, 3 to keep.');
  expectError(await estate.run(['forget', '--keep-last', '2']), 'usage.needs-confirmation', 2);
  expect(await estate.vault()).toEqual(before);
});

test.each([
  [{ keepLast: '0' }, 'would keep nothing'],
  [{ keepDaily: 'x' }, '--keep-daily x: it must be a whole number'],
  [{ keepDaily: '-1' }, '--keep-daily -1'],
  [{ keepWithin: '30 days' }, '--keep-within 30 days: it must be a length of time'],
  [{ keepWithinWeekly: '' }, '--keep-within-weekly'],
  [{ keepLast: '1', timeZone: 'Berlin' }, '--time-zone Berlin'],
])('refuses the rules %j', (options, message) => {
  expect(() => keepRulesOf(options)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  expect(() => keepRulesOf(options)).toThrow(message);
});

test.each<[string[], boolean, ForgetOptions]>([
  [[], false, {}],
  [['latest'], true, {}],
  [[], true, { plan: 'daily' }],
  [['latest'], false, { simulate: 'daily for 2y' }],
])('wants exactly one of: names %j, rules %s, %j', (snaps, hasRules, options) => {
  expect(() => checkUsage(snaps, hasRules, options)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
});

test('the rules that the options say', () => {
  expect(keepRulesOf({})).toBeUndefined();
  const options = {
    keepLast: '3',
    keepWithin: '30d',
    keepWithinDaily: '1y6m',
    keepTag: ['a', 'b=c=d'],
    timeZone: 'Asia/Tokyo',
  };
  expect(showKeepRules(keepRulesOf(options) as KeepRules)).toBe(
    'last 3, within 30d, daily within 1y6m, tag a, tag b=c=d (Asia/Tokyo)',
  );
});

test('a plan says what to keep; named snapshots go whatever speaks for them', async () => {
  const planned = await estate.run(['forget', '--plan', 'daily', '--yes', '--json']);
  expect(planned.status).toBe(0);
  expect(JSON.parse(planned.stdout)).toMatchObject({
    schema: 1,
    dryRun: false,
    decisions: [
      { action: 'keep' },
      { id: ids[1], action: 'forget', reasons: [] },
      {},
      { reasons: [{ rule: 'last', of: '1', plan: 'daily' }, {}] },
    ],
    forgotten: [ids[1]],
    refused: [],
    hidden: [],
    damaged: [],
  });
  expect(await left()).toEqual([ids[0], ids[2], ids[3]]);
  const named = await estate.run(['forget', ids[0] as string, 'latest', '--yes']);
  expect(named.stdout).toContain('2 snapshots forgotten.');
  expect(named.stderr).toContain('would be kept: newest complete');
  expect(await left()).toEqual([ids[2]]);
  expect((await estate.run(['audit'])).stdout).toMatch(/forget begins .*keep last 2/);
});

test('--prune prunes afterwards, also where there is nothing to forget', async () => {
  expectError(await estate.run(['forget', '--keep-last', '9', '--prune']), 'usage.needs-confirmation', 2);
  const dry = await estate.run(['forget', '--keep-last', '9', '--prune', '--dry-run', '--json']);
  expect(JSON.parse(dry.stdout)).not.toHaveProperty('prune');
  const pruned = await estate.run(['forget', '--keep-last', '9', '--prune', '--yes', '--json']);
  const { forgotten, prune } = JSON.parse(pruned.stdout) as { forgotten: string[]; prune: PruneReport };
  expect(forgotten).toEqual([]);
  expect(prune.marked.unused.packs + prune.marked.rewritten.packs).toBeGreaterThan(0);
  expect((await estate.run(['forget', '--keep-last', '9', '--prune', '--yes'])).stdout).toContain('waiting');
});

test('with the repository alone the estate must be named', async () => {
  const bare = ['forget', '--repository', join(estate.folder, 'vault'), '--keep-last', '1', '--dry-run'];
  const elsewhere = { cwd: join(estate.folder, 'tools') };
  expectError(await estate.run(bare, {}, elsewhere), 'usage.invalid', 2);
  const named = await estate.run([...bare, '--estate', 'acme'], {}, elsewhere);
  expect(named.stdout).toContain('0 snapshots to forget, 1 to keep.');
});

test('a policy can be tried on a schedule, without a repository', async () => {
  const rules = ['--keep-daily', '7', '--keep-weekly', '5', '--keep-monthly', '12', '--keep-yearly', '7'];
  const { stdout, status } = await estate.run(['forget', '--simulate', 'daily for 2 years', ...rules, '--json'], {
    HOLDFAST_PASSPHRASE: undefined,
  });
  expect(status).toBe(0);
  const { simulated, kept } = JSON.parse(stdout) as { simulated: number; kept: { committedAt: string }[] };
  expect([730, 731]).toContain(simulated);
  // Seven days, up to five weeks, twelve months and three years begun, of which some fall together.
  expect(kept.length).toBeGreaterThanOrEqual(19);
  expect(kept.length).toBeLessThanOrEqual(25);
  const text = await estate.run(['forget', '--simulate', 'every 6h for 3d', '--plan', 'daily']);
  expect(text.stdout.trimEnd().split('\n')).toHaveLength(4);
  expect(text.stdout).toContain('12 snapshots, 2 kept by: last 2.');
});

test.each([
  ['daily for 2 years', '1d', '2y'],
  ['every 6h for 90d', '6h', '90d'],
  ['Every 2 days for 1 year 6 months', '2d', '1y6m'],
  ['monthly for 3w', '1m', '3w'],
])('%s', (text, every, during) => {
  const schedule = parseSchedule(text);
  expect([formatSpan(schedule.every), formatSpan(schedule.during)]).toEqual([every, during]);
});
