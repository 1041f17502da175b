import { expect, test } from 'vitest';
import type { RecoveryPoint } from '../../../kernel/recovery-point.ts';
import type { Repository, SnapshotInfo } from '../../../repository/contract.ts';
import type { CommandContext } from '../../context.ts';
import { renderPoints, runPoints } from './points.ts';

test('points say what they are of, and who made them', () => {
  const point = {
    snapshot: '01a1fd8b6ac97319b7244db9e8f807f8',
    resource: 'efs/file-systems/fs-0123456789abcdef0',
    kind: 'aws-backup-point',
    id: 'arn:aws:backup:us-east-1:123456789012:recovery-point:1',
    name: 'main/1',
    region: 'us-east-1',
    state: 'available' as const,
    at: '2026-11-20T02:00:00.000Z',
  };
  const lines = renderPoints([point, { ...point, run: 'run-1' }, { ...point, kind: 'rds-snapshot' }], 80);
  expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual(['MADE BY', 'AWS Backup', 'Holdfast', 'others']);
  expect(lines[1]).toContain('2026-11-20T02:00Z');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

const point = (name: string, more: Partial<RecoveryPoint> = {}): RecoveryPoint => ({
  kind: 'aws-backup-point',
  id: name,
  name,
  region: 'us-east-1',
  state: 'available',
  ...more,
});

/** Snapshots by id, each with the points it names; the later ids are the newer ones. */
function repositoryOf(named: Readonly<Record<string, readonly RecoveryPoint[]>>): Repository {
  const open = async ({ id }: SnapshotInfo) =>
    await Promise.resolve({
      async *resources() {
        const ref = { type: 'ebs', name: 'volumes/v', id: 'v', region: 'us-east-1', account: '1' };
        yield await Promise.resolve({ ref, site: 'shop', points: named[id] });
      },
    });
  return { open } as unknown as Repository;
}

test('each point stands once, as the newest snapshot that names it knew it', async () => {
  const repository = repositoryOf({
    a: [point('old', { at: 1 }), point('settled', { at: 2, state: 'pending' })],
    b: [point('settled', { at: 2 }), point('new', { at: 3 })],
  });
  const snapshots = ['a', 'b'].map((id, i) => ({ id, committedAt: i }) as SnapshotInfo);
  const told: unknown[] = [];
  const output = { format: 'json', document: async (one: unknown) => await Promise.resolve(told.push(one)) };
  const context = { output } as unknown as CommandContext;
  expect(await runPoints(context, repository, snapshots, undefined)).toBe(0);
  expect(await runPoints(context, repository, snapshots, 'another-site')).toBe(0);
  const [all, none] = told as { readonly points: readonly { name: string; snapshot: string; state: string }[] }[];
  expect(all?.points.map(({ name, snapshot, state }) => [name, snapshot, state])).toEqual([
    ['old', 'a', 'available'],
    ['settled', 'b', 'available'],
    ['new', 'b', 'available'],
  ]);
  expect(none?.points).toEqual([]);
});
