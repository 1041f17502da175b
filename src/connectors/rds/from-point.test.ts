import type { RDS } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { Scene } from '../documents/contract.ts';
import type { PointKind } from '../points/contract.ts';
import { available, pointFor, type Standing } from './from-point.ts';

describe('waiting for a database', () => {
  const runtime = simulatedRuntime(2);
  const told: string[] = [];
  const scene = {
    runtime,
    signal: new AbortController().signal,
    events: (event: { type: string; message?: string }) => told.push(event.message ?? ''),
  } as unknown as Scene<RDS>;
  const statesOf = (...states: readonly (Standing | undefined)[]) => {
    let at = 0;
    return async () => await Promise.resolve(states[Math.min(at++, states.length - 1)]);
  };

  it('ends when it is available and nothing is pending, and tells how it goes', async () => {
    const [creating, changing, done] = [
      { status: 'creating', isChanging: false },
      { status: 'available', isChanging: true },
      { status: 'available', isChanging: false },
    ];
    await available(scene, 'rds/instances/shop', statesOf(undefined, creating, changing, done));
    expect(told.join('\n')).toContain('rds/instances/shop is creating');
  });

  it('ends with an error where it does not come by itself, or takes too long', async () => {
    const failed = statesOf({ status: 'incompatible-network', isChanging: false });
    await expect(available(scene, 'x', failed)).rejects.toMatchObject({ code: 'item.invalid' });
    const forever = statesOf({ status: 'creating', isChanging: false });
    await expect(available(scene, 'x', forever)).rejects.toMatchObject({
      code: 'item.unavailable',
      hint: expect.stringContaining('same restore again') as unknown,
    });
  });
});

describe('the point that a database is made of', () => {
  const point = (kind: string, id: string, region = 'us-east-1'): RecoveryPoint => ({
    kind,
    id,
    name: id,
    region,
    state: 'available',
  });
  const own = point('rds-snapshot', 'holdfast-1');
  const ofPlan = point('aws-backup-point', 'arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-1');
  const continuous = point('aws-backup-point', 'arn:aws:rds:us-east-1:123456789012:auto-backup:ab-1');
  const kind = {
    kind: 'rds-snapshot',
    find: async (_: RDS, name: string) => await Promise.resolve({ ...own, name }),
  } as unknown as PointKind<RDS>;
  const nameFrom = async (points: readonly RecoveryPoint[]): Promise<string> =>
    (await pointFor({ points, aws: { region: 'us-east-1' } } as unknown as Scene<RDS>, kind, 'rds/instances/shop'))
      .name;

  it('is what was asked for, else the snapshot that a plan of AWS Backup made', async () => {
    expect(await nameFrom([own, ofPlan])).toBe('holdfast-1');
    expect(await nameFrom([continuous, ofPlan])).toBe('awsbackup:job-1');
  });

  it('is no continuous backup, and none in another region', async () => {
    await expect(nameFrom([continuous])).rejects.toMatchObject({ code: 'item.not-found' });
    await expect(nameFrom([{ ...ofPlan, region: 'eu-west-1' }])).rejects.toThrow('only in eu-west-1');
  });
});
