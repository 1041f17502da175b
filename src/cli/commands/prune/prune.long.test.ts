import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { noPacks, type PruneReport } from '../../../repository/prune/contract.ts';
import { parseBytes, parseUnused } from './amounts.ts';
import { questionOf, renderPrune } from './render.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  for (const text of ['one', 'two']) {
    await writeFile(join(estate.folder, 'tools', 'n.txt'), text.repeat(200));
    await estate.run(['snapshot']);
  }
  await estate.run(['forget', 'latest', '--yes']);
});
afterAll(async () => {
  await estate.remove();
});

test('shows what would be marked, asks, marks, and waits for the grace', async () => {
  const before = await estate.vault();
  const dry = await estate.run(['prune', '--dry-run']);
  expect(dry.status).toBe(0);
  expect(dry.stdout).toMatch(/would mark \d+ packs? \(.*\): needed by no snapshot/);
  expectError(await estate.run(['prune']), 'usage.needs-confirmation', 2);
  expect(await estate.vault()).toEqual(before);
  const marked = await estate.run(['prune', '--yes', '--max-rewrite', '0']);
  expect(marked.stdout).toMatch(/marked \d+ packs?/);
  expect(marked.stdout).toMatch(/waiting \d+ packs? .* may be deleted from 20\d\d-/);
  const again = await estate.run(['prune', '--json', '--max-rewrite', '0']);
  const report = JSON.parse(again.stdout) as PruneReport;
  expect(report).toMatchObject({ schema: 1, dryRun: false, swept: noPacks, marked: { unused: noPacks } });
  expect(report.waiting).toHaveLength(1);
  expect((await estate.run(['verify', '--read-data'])).status).toBe(0);
});

test('says everything that can happen', () => {
  const some = { packs: 2, bytes: 3_000_000 };
  const report: PruneReport = {
    dryRun: false,
    stored: some,
    neededBytes: 1000,
    marked: { unused: some, orphan: noPacks, rewritten: some },
    waiting: [{ id: 'a', ...some, markedAt: 0, until: Date.UTC(2026, 10, 29) }],
    swept: some,
    spared: some,
    rewritten: { ...some, intoPacks: 1, intoBytes: 1024 },
    locked: some,
    archived: some,
    indexes: { before: 9, after: 2 },
  };
  const colors = { green: (text: string) => text } as never;
  const lines = renderPrune(report, { colors });
  expect(lines).toEqual([
    '2 packs (2.9 MiB) stored, 1000 B needed.',
    'deleted 2 packs (2.9 MiB)',
    'spared 2 packs (2.9 MiB): needed again since they were marked',
    'rewrote 2 packs (2.9 MiB) into 1 pack of 1.0 KiB',
    'marked 2 packs (2.9 MiB): needed by no snapshot',
    'marked 2 packs (2.9 MiB): rewritten',
    'waiting 2 packs (2.9 MiB): may be deleted from 2026-11-29T00:00:00Z on',
    'kept    2 packs (2.9 MiB): a retention lock holds them',
    'left    2 packs (2.9 MiB): partly unused, in an archive class',
    'merged  9 index objects into 2',
  ]);
  expect(questionOf(report)).toBe(
    'Delete 2 packs (2.9 MiB) for good, rewrite 2 packs (2.9 MiB), mark 4 packs for deletion after the grace?',
  );
});

test('amounts', () => {
  expect(['5G', '500MiB', '1.5k', '12', '7B'].map(parseBytes)).toEqual([5 * 2 ** 30, 500 * 2 ** 20, 1536, 12, 7]);
  for (const wrong of ['', 'G', '5X', '-1', '5 apples']) expect(() => parseBytes(wrong)).toThrow('size');
  expect(['5%', '0.05', '0', '120%'].map(parseUnused)).toEqual([0.05, 0.05, 0, 1.2]);
  for (const wrong of ['', 'x', '-5%']) expect(() => parseUnused(wrong)).toThrow('share');
});
