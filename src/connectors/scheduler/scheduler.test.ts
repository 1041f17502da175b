import { Scheduler } from '@aws-sdk/client-scheduler';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const arn = (service: string, what: string): string => `arn:aws:${service}:${region}:123456789012:${what}`;
const RoleArn = 'arn:aws:iam::123456789012:role/scheduler';
const target = { Arn: arn('lambda', 'function:job'), RoleArn, Input: '{ "queue" : true }' };
const FlexibleTimeWindow = { Mode: 'OFF' } as const;

describeConnector('scheduler', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new Scheduler({ region: one })] as const));
  const scheduler = clients.get(region) as Scheduler;
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 4,
    servedBy: 'moto',
    unverified: ['that a schedule acts: no emulator runs one'],
    async seed() {
      await scheduler.createScheduleGroup({ Name: 'acme', Tags: [{ Key: 'site', Value: 'acme' }] });
      await scheduler.createSchedule({
        GroupName: 'acme',
        Name: 'nightly',
        ScheduleExpression: 'cron(0 3 * * ? *)',
        ScheduleExpressionTimezone: 'Europe/Zurich',
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
        StartDate: new Date('2099-01-01T00:00:00Z'),
        EndDate: new Date('2100-01-01T00:00:00Z'),
        Description: 'every night',
        Target: { ...target, DeadLetterConfig: { Arn: arn('sqs', 'dead') } },
      });
      await scheduler.createSchedule({
        Name: 'off',
        ScheduleExpression: 'rate(1 hours)',
        FlexibleTimeWindow,
        State: 'DISABLED',
        Target: target,
      });
      await scheduler.createSchedule({
        Name: 'once',
        ScheduleExpression: 'at(2030-01-01T00:00:00)',
        FlexibleTimeWindow,
        ActionAfterCompletion: 'DELETE',
        Target: target,
      });
    },
    async readBack(where) {
      const client = clients.get(where) as Scheduler;
      const found: unknown[] = [];
      for (const { Name, Arn } of (await client.listScheduleGroups({})).ScheduleGroups ?? [])
        found.push([Name, (await client.listTagsForResource({ ResourceArn: Arn })).Tags]);
      for (const { GroupName, Name } of (await client.listSchedules({})).Schedules ?? []) {
        const {
          $metadata: _,
          CreationDate: _c,
          LastModificationDate: _l,
          ...facts
        } = await client.getSchedule({ GroupName, Name });
        found.push(JSON.parse(JSON.stringify(facts)));
      }
      return found.map((one) => JSON.stringify(one)).sort();
    },
    async damage() {
      await scheduler.untagResource({ ResourceArn: arn('scheduler', 'schedule-group/acme'), TagKeys: ['site'] });
      await scheduler.deleteSchedule({ GroupName: 'acme', Name: 'nightly' });
      const changed = { ScheduleExpression: 'rate(2 hours)', FlexibleTimeWindow, Target: { ...target, Input: '{}' } };
      await scheduler.updateSchedule({ Name: 'off', ...changed, State: 'ENABLED' });
      await scheduler.updateSchedule({ Name: 'once', ...changed, State: 'DISABLED' });
    },
  };
});

describe('scheduler', () => {
  it('creates schedules disabled and without a beginning that has passed', async () => {
    const from = new Scheduler({ region: 'us-west-2' });
    // Emulators, like AWS, let nobody begin in the past: with one-time schedules they do not look.
    const past = { StartDate: new Date('2020-01-01T00:00:00Z'), ScheduleExpression: 'rate(1 days)' };
    await from.createSchedule({ Name: 'old', ...past, FlexibleTimeWindow, Target: target });
    const { captured } =
      (await captureAll(connector, conformanceContext({}, 'us-west-2', 'regional').context)).get(
        'schedules/default/old',
      ) ?? {};
    const { context } = conformanceContext({}, 'ap-south-1', 'regional', 'us-west-2');
    const actions = (await connector.live?.plan(context, captured as never)) ?? [];
    expect(actions.map(({ id, phase }) => [id.split('/').at(-1), phase])).toEqual([
      ['create', undefined],
      ['schedule', undefined],
      ['target', 'settle'],
      ['state', 'enable'],
    ]);
    await connector.live?.apply(context, actions[0] as never, captured as never);
    const made = await new Scheduler({ region: 'ap-south-1' }).getSchedule({ Name: 'old' });
    expect([made.State, made.StartDate]).toEqual(['DISABLED', undefined]);
    expect((await connector.live?.apply(context, actions[1] as never, captured as never))?.result).toBe('unchanged');
  });

  it('says of a schedule for one time that the time passes', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    expect(captured.get('schedules/default/once')?.captured.ledger).toHaveLength(1);
    expect(captured.get('schedules/default/off')?.captured.ledger).toEqual([]);
  });
});
