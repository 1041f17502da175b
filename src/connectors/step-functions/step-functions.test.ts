import { SFN } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMinistack, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new SFN({ region: one })] as const));
const states = clients.get(region) as SFN;
const arn = (name: string): string => `arn:aws:states:${region}:123456789012:stateMachine:${name}`;
const roleArn = 'arn:aws:iam::123456789012:role/states';
const definition = (seconds: number): string =>
  JSON.stringify({
    StartAt: 'Wait',
    States: {
      Wait: { Type: 'Wait', Seconds: seconds, Next: 'Work' },
      Work: { Type: 'Task', Resource: `arn:aws:lambda:${region}:123456789012:function:work`, End: true },
    },
  });

async function seed(): Promise<void> {
  await states.createActivity({ name: 'by-hand', tags: [{ key: 'site', value: 'acme' }] });
  await states.createStateMachine({ name: 'nightly', definition: definition(9), roleArn, type: 'EXPRESS' });
  const stateMachineArn = arn('orders');
  await states.createStateMachine({
    name: 'orders',
    definition: definition(1),
    roleArn,
    tags: [{ key: 'site', value: 'acme' }],
  });
  await states.publishStateMachineVersion({ stateMachineArn, description: 'first' });
  await states.updateStateMachine({ stateMachineArn, definition: definition(2) });
  await states.publishStateMachineVersion({ stateMachineArn });
  await states.updateStateMachine({
    stateMachineArn,
    definition: definition(3),
    tracingConfiguration: { enabled: true },
  });
  await states.createStateMachineAlias({
    name: 'live',
    routingConfiguration: [
      { stateMachineVersionArn: `${stateMachineArn}:1`, weight: 10 },
      { stateMachineVersionArn: `${stateMachineArn}:2`, weight: 90 },
    ],
  });
}

async function readBack(where: string): Promise<unknown> {
  const client = clients.get(where) as SFN;
  const found: unknown[] = [];
  const described = async (stateMachineArn: string): Promise<unknown> => {
    const {
      definition: text = '',
      $metadata: _,
      creationDate: __,
      revisionId: ___,
      ...rest
    } = await client.describeStateMachine({ stateMachineArn });
    return { ...rest, definition: JSON.parse(text) as unknown };
  };
  const { stateMachines = [] } = await client.listStateMachines({});
  for (const { stateMachineArn = '' } of stateMachines.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))) {
    found.push(
      await described(stateMachineArn),
      (await client.listTagsForResource({ resourceArn: stateMachineArn })).tags,
    );
    const { stateMachineVersions = [] } = await client.listStateMachineVersions({ stateMachineArn });
    for (const one of stateMachineVersions) found.push(await described(one.stateMachineVersionArn ?? ''));
    for (const one of (await client.listStateMachineAliases({ stateMachineArn })).stateMachineAliases ?? []) {
      const { $metadata: _, creationDate: __, updateDate: ___, ...alias } = await client.describeStateMachineAlias(one);
      found.push(alias);
    }
  }
  for (const { name, activityArn } of (await client.listActivities({})).activities ?? [])
    found.push(name, (await client.listTagsForResource({ resourceArn: activityArn })).tags);
  return found;
}

async function damage(): Promise<void> {
  const stateMachineArn = arn('orders');
  await states.deleteStateMachine({ stateMachineArn: arn('nightly') });
  await states.updateStateMachine({ stateMachineArn, definition: definition(99), roleArn: `${roleArn}-other` });
  await states.updateStateMachineAlias({
    stateMachineAliasArn: `${stateMachineArn}:live`,
    routingConfiguration: [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }],
  });
  await states.tagResource({ resourceArn: stateMachineArn, tags: [{ key: 'site', value: 'other' }] });
  await states.deleteActivity({ activityArn: `arn:aws:states:${region}:123456789012:activity:by-hand` });
}

describeConnector('step-functions', async () => {
  const ministack = await startMinistack();
  cleanups.push(() => ministack.stop(), useEndpoints({ all: ministack.endpoint }));
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 7,
    servedBy: 'MiniStack',
    unverified: [
      'encryption with a key of one’s own',
      'roles that are not known at once',
      'numbers of deleted versions',
    ],
    seed,
    readBack,
    damage,
  };
});

describe('step-functions: traps', () => {
  it('brings back a machine with versions, whose aliases lead to the same', async () => {
    const { context, identities } = conformanceContext({}, region, 'regional');
    const before = await readBack(region);
    const captured = (await captureAll(connector, context)).get('state-machines/orders')?.captured;
    if (!captured) throw new Error('not captured');
    await states.deleteStateMachine({ stateMachineArn: arn('orders') });
    for (const action of (await connector.live?.plan(context, captured)) ?? []) {
      const outcome = await connector.live?.apply(context, action, captured);
      for (const { from, to } of outcome?.identities ?? []) identities.set(from, to);
    }
    let text = JSON.stringify(before);
    for (const [from, to] of identities) text = text.replaceAll(`"${from}"`, `"${to}"`);
    expect(await readBack(region)).toEqual(JSON.parse(text));
    expect(await connector.live?.plan(context, captured)).toEqual([]);
  });

  it('says that executions are lost', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    expect(captured.get('state-machines/orders')?.captured.ledger.map((note) => note.class)).toEqual(['lost']);
  });
});
