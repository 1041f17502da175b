import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { putAll } from '../../../test/dynamodb/seed.ts';
import { startStingyProxy } from '../../../test/dynamodb/stingy-proxy.ts';
import { useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { applyAll, planOf } from './moto-for-test.ts';
import type { DynamoOptions } from './options.ts';
import { captured, contextFor, item, makeTable, useTables } from './tables-for-test.ts';

type Changes = Partial<RestoreContext<DynamoOptions>>;

let client: DynamoDB;
let moto: Emulator;
useTables((used) => ({ client, moto } = used));

async function planFor(resource: MemoryResource, more: Changes = {}) {
  return await planOf(resource, contextFor({}, more).context);
}

async function applyFor(resource: MemoryResource, actions: readonly PlannedAction[], more: Changes = {}) {
  return await applyAll(resource, contextFor({}, more).context, actions);
}

async function itemsOf(TableName: string): Promise<number> {
  return (await client.scan({ TableName, Select: 'COUNT' })).Count ?? 0;
}

it('each mode does what it says', async () => {
  await makeTable(client, 'modes', 60);
  const resource = await captured('modes');
  await client.deleteItem({ TableName: 'modes', Key: { id: { S: 'k-1' } } });
  await client.putItem({ TableName: 'modes', Item: { id: { S: 'k-2' }, other: { BOOL: true } } });
  await client.putItem({ TableName: 'modes', Item: { id: { S: 'new' } } });
  const titles = async (mode: RestoreContext['mode']) => (await planFor(resource, { mode })).map((a) => a.title);
  expect(await titles('create-missing')).toEqual(['write 1 items to table modes (1 missing)']);
  expect(await titles('revert-changed')).toEqual(['write 2 items to table modes (1 missing, 1 changed)']);
  expect(await titles('exact')).toEqual([
    'write 2 items to table modes (1 missing, 1 changed)',
    'delete 1 items from table modes that the snapshot does not hold',
  ]);
  for (const [mode, count, changed] of [
    ['create-missing', 61, true],
    ['revert-changed', 61, false],
    ['exact', 60, false],
  ] as const) {
    await applyFor(resource, await planFor(resource, { mode }), { mode });
    expect(await itemsOf('modes')).toBe(count);
    const { Item } = await client.getItem({ TableName: 'modes', Key: { id: { S: 'k-2' } } });
    expect(Item?.['other'] !== undefined).toBe(changed);
    expect(await planFor(resource, { mode })).toEqual([]);
  }
});

it('a piece, and another name', async () => {
  await makeTable(client, 'pieces', 30);
  const resource = await captured('pieces');
  for (let i = 0; i < 30; i++) await client.deleteItem({ TableName: 'pieces', Key: { id: { S: `k-${i}` } } });
  const only = { collection: 'items', prefix: utf8('k-2') };
  await applyFor(resource, await planFor(resource, { only }), { only });
  // k-2 and k-20 to k-29.
  expect(await itemsOf('pieces')).toBe(11);
  const rename = (): string => 'copy';
  const actions = await planFor(resource, { rename });
  expect(actions[0]?.title).toMatch(/^create table copy \(id S\)/);
  const outcomes = await applyFor(resource, actions, { rename });
  expect(outcomes[0]).toMatchObject({ class: 'new-identity', identities: [{ to: expect.stringMatching(/copy$/) }] });
  expect(await itemsOf('copy')).toBe(30);
  expect(await itemsOf('pieces')).toBe(11);
  const one = { only: { collection: '', prefix: utf8('ttl.json') }, mode: 'exact' } as const;
  expect(await planFor(resource, one)).toEqual([]);
});

it('a restore that died half-way is completed, and applied twice changes nothing', async () => {
  await makeTable(client, 'twice', 120);
  const resource = await captured('twice');
  await client.deleteTable({ TableName: 'twice' });
  const actions = await planFor(resource);
  expect(actions.map((action) => action.operation)).toEqual(['create-table', 'write-items']);
  await applyFor(resource, actions.slice(0, 1));
  await putAll(
    client,
    'twice',
    Array.from({ length: 50 }, (_, i) => item(i)),
  );
  const outcomes = await applyFor(resource, actions);
  expect(outcomes.map((outcome) => outcome?.result)).toEqual(['unchanged', 'done']);
  expect(outcomes[1]?.items).toBe(70);
  expect((await applyFor(resource, actions)).map((outcome) => outcome?.result)).toEqual(['unchanged', 'unchanged']);
  expect(await planFor(resource)).toEqual([]);
});

it('items past their time to live are announced, and time to live comes last', async () => {
  await makeTable(client, 'ttl', 0);
  const now = Math.floor(contextFor().context.runtime.clock.now() / 1000);
  const times = [now - 3600, now - 60, now + 3600, now - 6 * 365 * 24 * 3600];
  await putAll(
    client,
    'ttl',
    times.map((time, i) => ({ ...item(i), expires: { N: String(time) } })),
  );
  await client.updateTimeToLive({
    TableName: 'ttl',
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
  });
  const resource = await captured('ttl');
  await client.deleteTable({ TableName: 'ttl' });
  const actions = await planFor(resource);
  expect(actions.map((action) => action.operation)).toEqual(['create-table', 'write-items', 'enable-ttl']);
  expect(actions[1]?.ledger).toMatchObject([{ class: 'lost', count: 2 }]);
});

it('a table with another key is refused, with what to do', async () => {
  await makeTable(client, 'keyed', 1);
  const resource = await captured('keyed');
  await client.deleteTable({ TableName: 'keyed' });
  await makeTable(client, 'keyed', 1, 'N');
  await expect(planFor(resource)).rejects.toMatchObject({
    code: 'item.conflict',
    hint: expect.stringMatching(/--rename/),
  });
});

it('what a batch leaves unprocessed is sent again until all is written', async () => {
  await makeTable(client, 'slow', 140);
  const resource = await captured('slow');
  await client.deleteTable({ TableName: 'slow' });
  const stingy = await startStingyProxy(moto.endpoint);
  const back = useEndpoints({ all: stingy.endpoint });
  const { context } = contextFor();
  expect(await restoreAll(connector, context, new Map([['slow', resource]]))).toBe(2);
  back();
  await stingy.stop();
  expect(stingy.held()).toBeGreaterThan(50);
  expect(await itemsOf('slow')).toBe(140);
  expect(await planFor(resource)).toEqual([]);
});
