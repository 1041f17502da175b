import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import type { Manifest } from '../../../estate/contract.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
});
afterAll(async () => {
  await estate.remove();
});

test('prints what was found and captured on stdout, progress on stderr', async () => {
  const { status, stdout, stderr } = await estate.run(['snapshot', '--tag', 'run=first']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^COMPONENT +FOUND +CAPTURED +ENTRIES +UNCHANGED +SIZE +OUTCOME\ntools +1 +1 +\d+ +0 +/);
  expect(stdout).toMatch(/Snapshot [0-9a-f]{32} is complete:\n1 resource, /);
  expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(stderr).toContain('tools: done, 1/1');
});

test('--json is the manifest and nothing else on stdout; what did not change is not read again', async () => {
  const { status, stdout } = await estate.run(['snapshot', '--json']);
  expect(status).toBe(0);
  const manifest = JSON.parse(stdout) as Manifest;
  expect(manifest).toMatchObject({ schema: 1, estate: 'acme', outcome: 'complete' });
  expect(manifest.components[0]?.source).toMatchObject({ source: 'tools', expected: 1, captured: 1 });
  expect(manifest.totals.reused).toBeGreaterThan(0);
});

test('--json-lines is one object a line: events, then the result', async () => {
  const { status, stdout } = await estate.run(['snapshot', '--json-lines', '--quiet']);
  expect(status).toBe(0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { schema: number; type: string });
  expect(lines.every((line) => line.schema === 1)).toBe(true);
  expect(lines.map((line) => line.type)).toEqual(
    expect.arrayContaining(['source.started', 'source.finished', 'result']),
  );
  expect(lines.at(-1)?.type).toBe('result');
});

test('--quiet leaves stderr empty', async () => {
  const { status, stderr } = await estate.run(['snapshot', '--quiet']);
  expect(status).toBe(0);
  expect(stderr).toBe('');
});

test('a capture whose reader has gone is finished all the same', async () => {
  const count = async (): Promise<number> =>
    (JSON.parse((await estate.run(['snapshots', '--json'])).stdout) as { snapshots: unknown[] }).snapshots.length;
  const before = await count();
  const { status, stderr } = await estate.run(
    ['snapshot', '--json-lines', '--quiet'],
    {},
    { during: (child) => child.stdout?.destroy() },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(await count()).toBe(before + 1);
});

test('--dry-run stores nothing', async () => {
  const before = await estate.vault();
  const { status, stderr } = await estate.run(['snapshot', '--dry-run']);
  expect(status).toBe(0);
  expect(stderr).toContain('Nothing was stored');
  expect(await estate.vault()).toEqual(before);
});

test('a selector that selects nothing, and --resume with nothing to resume', async () => {
  const nothing = await estate.run(['snapshot', 'local/none*']);
  expect(nothing.stderr).toContain('error[snapshot.nothing-selected]');
  expect(nothing.status).toBe(2);
  const resume = await estate.run(['snapshot', '--resume']);
  expect(resume.stderr).toContain('error[snapshot.nothing-to-resume]');
  expect(resume.status).toBe(2);
});

test('--settle has nothing to do without recovery points, and takes nothing else', async () => {
  const { status, stdout } = await estate.run(['snapshot', '--settle', '--json']);
  expect([status, JSON.parse(stdout)]).toEqual([0, { schema: 1, settled: [] }]);
  const wrong = await estate.run(['snapshot', '--settle', 'latest', '--tag', 'a=b']);
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('--settle takes a snapshot')]);
  const long = await estate.run(['snapshot', '--wait', '30h']);
  expect([long.status, long.stderr]).toEqual([2, expect.stringContaining('at most 24h')]);
});

test('a source that cannot be read makes it partial: exit 4, with the reason', async () => {
  const file = join(estate.folder, 'partial.yaml');
  const sources = ['  - { type: local, name: tools, path: ./tools }', '  - { type: local, name: gone, path: ./gone }'];
  await writeFile(file, ['version: 1', 'estate: acme', 'repository: ./vault', 'sources:', ...sources, ''].join('\n'));
  const { status, stdout } = await estate.run(['snapshot', '--config', file]);
  expect(status).toBe(4);
  expect(stdout).toContain('Not captured:');
  expect(stdout).toMatch(/gone.*\[item\.not-found\]/);
  expect(stdout).toMatch(/Snapshot [0-9a-f]{32} is partial/);
});
