import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAwsAccess } from '../../src/connectors/aws/access.ts';
import type { AwsCallRecord } from '../../src/connectors/aws/contract.ts';
import { createMemorySnapshot } from '../../src/connectors/conformance-memory.ts';
import { conformanceContext } from '../../src/connectors/conformance/capture.ts';
import type { ActionOutcome, RestoreContext } from '../../src/connectors/contract.ts';
import { connector } from '../../src/connectors/dynamodb/index.ts';
import { options, type DynamoOptions } from '../../src/connectors/dynamodb/options.ts';
import { jsonCallsOver } from '../../src/estate/json-calls.ts';
import type { CapturedResource } from '../../src/kernel/entry.ts';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import { useEndpoints } from '../emulators/index.ts';
import { description, startStrictTable, type CallFault, type StrictTable } from './strict-table.ts';

const region = 'us-east-1';
const count = 330;
let table: StrictTable;
let cleanups: (() => unknown)[];

beforeEach(async () => {
  table = await startStrictTable();
  cleanups = [() => table.stop(), useEndpoints({ all: table.endpoint })];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

function itemAt(i: number): { readonly id: { readonly S: string } } & Record<string, object> {
  // Some keys need an escape in their entry's key, or in JSON.
  return { id: { S: i % 10 === 0 ? `a/"${i}" ü%` : `id-${i}` }, n: { N: String(i) }, t: { SS: ['b', 'a'] } };
}

const all = Array.from({ length: count }, (_, i) => itemAt(i));

async function captured(): Promise<CapturedResource> {
  const ref = { type: 'dynamodb', name: 'orders', id: description.TableArn, region, account: '123456789012' };
  for (const item of all) table.items.set(item.id.S, item);
  const { sink, finish } = createMemorySnapshot(ref);
  await connector.capture(context().context, { ref, tags: {} }, sink);
  table.items.clear();
  table.calls.length = 0;
  return (await finish()).captured;
}

function context(more: Partial<RestoreContext<DynamoOptions>> = {}): {
  readonly context: RestoreContext<DynamoOptions>;
  readonly records: AwsCallRecord[];
} {
  const records: AwsCallRecord[] = [];
  const aws = createAwsAccess({
    account: '123456789012',
    region,
    runtime: systemRuntime,
    concurrency: 16,
    openJsonCalls: jsonCallsOver(systemRuntime),
    onCall: (record) => records.push(record),
    ...(more.signal ? { signal: more.signal } : {}),
  });
  cleanups.push(() => aws.close());
  const parsed = options.parse({ kinesis: false, contributorInsights: false });
  const { context: plain } = conformanceContext(parsed, region, connector.scope);
  return { context: { ...plain, aws, mode: 'create-missing', ...more }, records };
}

async function write(resource: CapturedResource, where: RestoreContext<DynamoOptions>): Promise<ActionOutcome> {
  const action = { id: 'dynamodb/orders/write-items', resource: resource.ref, operation: 'write-items', title: '' };
  const apply = connector.live?.apply;
  if (!apply) throw new Error('the connector restores nothing');
  return await apply(where, { ...action, effect: 'create', dependsOn: [], input: null }, resource);
}

function expectAll(): void {
  expect(table.items.size).toBe(count);
  for (const item of all) {
    const { t, ...rest } = table.items.get(item.id.S) as typeof item;
    expect(rest).toEqual({ id: item.id, n: item['n'] });
    expect((t as { SS: string[] }).SS.toSorted()).toEqual(['a', 'b']);
  }
}

describe('items that are written from the bytes of a snapshot', () => {
  it('come in batches of 25, each once, and are read back', async () => {
    const resource = await captured();
    const outcome = await write(resource, context().context);
    expect(outcome).toMatchObject({ result: 'done', items: count });
    expect(outcome.failures).toBeUndefined();
    expectAll();
    expect([...table.puts.values()].every((times) => times === 1)).toBe(true);
    const sizes = (operation: string): number[] =>
      table.calls.filter((call) => call.operation === operation).map(({ items }) => items);
    expect(sizes('BatchWriteItem').toSorted((a, b) => a - b)).toEqual([5, ...Array.from({ length: 13 }, () => 25)]);
    expect(sizes('BatchGetItem').toSorted((a, b) => a - b)).toEqual([30, 100, 100, 100]);
  });

  it.each<[CallFault, 'BatchWriteItem' | 'BatchGetItem']>([
    ['throttle', 'BatchWriteItem'],
    ['throttle', 'BatchGetItem'],
    ['error500', 'BatchWriteItem'],
    ['reset', 'BatchWriteItem'],
    ['reset', 'BatchGetItem'],
    ['reset-inside', 'BatchWriteItem'],
    ['lost-answer', 'BatchWriteItem'],
    ['wrong-crc', 'BatchWriteItem'],
    ['wrong-crc', 'BatchGetItem'],
  ])('are all there, and right, after %s of %s, twice in a row and later again', async (fault, operation) => {
    const resource = await captured();
    table.faults.set(operation, [undefined, fault, fault, undefined, fault]);
    const outcome = await write(resource, context().context);
    expect(outcome).toMatchObject({ result: 'done', items: count });
    expect(outcome.failures).toBeUndefined();
    expect(table.faults.get(operation)).toEqual([]);
    expectAll();
    expect(await write(resource, context().context)).toMatchObject({ result: 'unchanged', items: 0 });
  });

  it('are sent again in part where a part was left unprocessed', async () => {
    const resource = await captured();
    table.admit = (_, items) => Math.ceil(items / 2);
    const outcome = await write(resource, context().context);
    expect(outcome).toMatchObject({ result: 'done', items: count });
    expectAll();
    expect([...table.puts.values()].every((times) => times === 1)).toBe(true);
  });

  it('that DynamoDB will not have are failures with its reason, by the SDK, and the rest is tried', async () => {
    const resource = await captured();
    table.faults.set(
      'BatchWriteItem',
      Array.from({ length: 200 }, () => 'denied' as const),
    );
    const { context: where, records } = context();
    await expect(write(resource, where)).rejects.toMatchObject({ code: 'item.denied' });
    expect(records.some(({ outcome }) => outcome === 'failed')).toBe(true);
    expect(table.items.size).toBe(0);
  });
});

describe('a restore that is broken off', () => {
  it('writes with the second run what the first did not, and nothing that it had finished', async () => {
    const resource = await captured();
    const run = new AbortController();
    // Five batches are done, one is done without anybody hearing of it, and then nothing is.
    const done = Array.from({ length: 5 }, () => undefined);
    const cut = Array.from({ length: 100 }, () => 'reset' as const);
    table.faults.set('BatchWriteItem', [...done, 'lost-answer', ...cut]);
    let batches = 0;
    table.admit = (operation, items) => {
      if (operation === 'BatchWriteItem' && ++batches === 6) run.abort(new Error('killed'));
      return items;
    };
    await expect(write(resource, context({ signal: run.signal }).context)).rejects.toThrow('killed');
    const first = new Map(table.puts);
    expect(first.size).toBeGreaterThan(0);
    expect(first.size).toBeLessThan(count);
    table.faults.clear();
    const outcome = await write(resource, context().context);
    expect(outcome).toMatchObject({ result: 'done', items: count - first.size });
    expectAll();
    for (const [key, times] of table.puts) expect(times, key).toBe(1);
  });
});

describe('items that are at the target already', () => {
  const other = { id: { S: 'id-1' }, n: { N: 'other' } };

  it.each([
    ['create-missing', true],
    ['revert-changed', false],
  ] as const)('%s: keeps what differs: %s', async (mode, isKept) => {
    const resource = await captured();
    table.items.set('id-1', other);
    await write(resource, context({ mode }).context);
    expect(table.items.get('id-1')).toMatchObject(isKept ? other : { n: { N: '1' } });
    expect(table.puts.get('id-1')).toBe(isKept ? undefined : 1);
    expect(table.items.size).toBe(count);
  });

  it('are not taken for missing where an answer says nothing about them', async () => {
    const resource = await captured();
    table.items.set('id-1', other);
    table.faults.set('BatchGetItem', ['wrong-crc', 'wrong-crc', 'reset', 'throttle']);
    await write(resource, context().context);
    expect(table.items.get('id-1')).toEqual(other);
  });
});
