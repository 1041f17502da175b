import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createTestEstate, source } from '../../test/estate/memory-estate.ts';
import { addThing, createProvider, thingConnector } from '../../test/estate/things.ts';
import { resourceKey } from '../kernel/entry.ts';
import type { ResourceRecord } from '../repository/contract.ts';
import { readLedger } from './ledger.ts';
import { parseRestorePlan } from './plan-file.ts';
import { applyRestore } from './restore-apply.ts';
import type { RestoreRequest } from './restore-contract.ts';
import { planRestore } from './restore-plan.ts';
import { takeSnapshot } from './snapshot.ts';
import { findUncaptured } from './uncaptured.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A snapshot of two sources, of which one could not be listed. */
async function scene() {
  const [things, edges] = [createProvider(), createProvider()];
  addThing(things, 'us-east-1', 'web');
  addThing(edges, 'us-east-1', 'door');
  edges.denied.add('us-east-1');
  const made = await createTestEstate([thingConnector(things), thingConnector(edges, 'edge')], {
    sources: [source('things'), source('edge', { name: 'front' })],
  });
  const settings = { selection: { selectors: [] }, tags: {}, resume: false };
  const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
  edges.denied.clear();
  const reader = await made.repository.open(info);
  const restore = async (request: Partial<RestoreRequest>) => {
    const whole: RestoreRequest = { path: '', to: { live: {} }, mode: 'create-missing', rename: [], ...request };
    const plan = await planRestore(made.estate, made.repository, reader, whole, made.lookup);
    return { plan, report: await applyRestore(made.estate, made.repository, reader, plan, made.lookup) };
  };
  return { made, reader, restore };
}

const gap = { resource: 'front', reason: 'it could not be listed: List of edge was denied' };

it('a restore of a snapshot that lacks a source says so, and is partial', async () => {
  const { restore, reader } = await scene();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-uncaptured-'));
  folders.push(folder);
  for (const to of [{ live: {} }, { directory: join(folder, 'out') }]) {
    const { plan, report } = await restore({ to });
    expect(plan.uncaptured).toEqual([gap]);
    expect(parseRestorePlan(JSON.stringify(plan)).plan.uncaptured).toEqual([gap]);
    expect(report).toMatchObject({ outcome: 'partial', failures: [], uncaptured: [gap] });
  }
  expect(await readFile(join(folder, 'out', 'MANIFEST.md'), 'utf8')).toContain('List of edge was denied');
  const ledger = await readLedger(reader, { selectors: [] });
  expect(ledger.lines).toContainEqual(expect.objectContaining({ resource: 'front', class: 'lost', why: gap.reason }));
  const others = await readLedger(reader, { selectors: ['things'] });
  expect(others.lines.map(({ resource }) => resource)).toEqual(['things/web']);
});

it('what was asked for and is there is whole', async () => {
  const { restore } = await scene();
  for (const path of ['things', 'things/web', 'things/web/config.json'])
    expect((await restore({ path })).report).toMatchObject({ outcome: 'complete', uncaptured: [] });
});

it('a path of the source that is not there is told with the reason', async () => {
  const { restore } = await scene();
  const running = restore({ path: 'edge/door' });
  await expect(running).rejects.toThrow('holds no edge/door');
  await expect(running).rejects.toMatchObject({
    hint: expect.stringMatching(/source front .* List of edge was denied/),
  });
});

it('of a resource that was captured in part, only the part that is asked for counts', () => {
  const failures = [
    { code: 'item.denied', message: 'permission denied for table notes', item: 'public/notes/table.json' },
  ];
  const ref = { type: 'postgres', name: 'app', id: 'app', region: 'local', account: '' };
  const record = { ref, outcome: 'partial', failures, failed: 1 } as unknown as ResourceRecord;
  const found = (collection: string, key: string) =>
    findUncaptured(
      { sources: [] },
      [{ record, only: { collection, key: Buffer.from(key), exact: false } }],
      () => true,
    );
  const expected = [
    { resource: resourceKey(ref), reason: 'a part could not be captured: permission denied for table notes' },
  ];
  expect(findUncaptured({ sources: [] }, [{ record }], () => true)).toEqual(expected);
  expect(found('public', 'notes/')).toEqual(expected);
  expect(found('public', 'orders/')).toEqual([]);
  const many = { ...record, failed: 200 };
  expect(findUncaptured({ sources: [] }, [{ record: many }], () => true)[0]?.reason).toContain('200 parts');
});
