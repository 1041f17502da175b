import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { putAll } from '../../../test/dynamodb/seed.ts';
import type { FaultProxy } from '../../../test/emulators/index.ts';
import { captureAll } from '../conformance.ts';
import { connector } from './index.ts';
import { planOf } from './moto-for-test.ts';
import { segmentsFor } from './scan.ts';
import { captured, contextFor, item, makeTable, useTables } from './tables-for-test.ts';

let client: DynamoDB;
let proxy: FaultProxy;
useTables((used) => ({ client, proxy } = used));

const { context: exact } = contextFor({}, { mode: 'exact' });

it('segments are disjoint and complete together, whatever their number', async () => {
  await makeTable(client, 'parts', 300);
  const whole = await captured('parts');
  for (const segments of [2, 5, 16]) {
    const { context, calls } = contextFor({ segments });
    const parts = (await captureAll(connector, context)).get('parts');
    expect(parts?.dump()).toEqual(whole.dump());
    expect(calls.filter((call) => call.operation === 'Scan')).toHaveLength(segments);
  }
  expect([0, 64, 1024, 20_000, 300_000].map((mebibytes) => segmentsFor(mebibytes * 1024 * 1024))).toEqual([
    1, 4, 16, 64, 256,
  ]);
});

it('pages are followed, and the read budget is kept', async () => {
  await makeTable(client, 'pages', 0);
  const padding = { S: 'x'.repeat(100_000) };
  await putAll(
    client,
    'pages',
    Array.from({ length: 24 }, (_, i) => ({ ...item(i), padding })),
  );
  const { context, calls } = contextFor({ rcu: 0.1 });
  let slept = 0;
  const runtime = {
    ...context.runtime,
    clock: {
      now: () => context.runtime.clock.now(),
      async sleep(ms: number) {
        slept += ms;
      },
    },
  };
  const all = await captureAll(connector, { ...context, runtime });
  expect([...(all.get('pages')?.dump() ?? [])].filter((line) => line.startsWith('items/'))).toHaveLength(24);
  expect(calls.filter((call) => call.operation === 'Scan').length).toBeGreaterThan(1);
  expect(slept).toBeGreaterThan(0);
});

it('a segment that fails costs a line that names it, and is never taken for deleted items', async () => {
  await makeTable(client, 'sick', 100, 'N');
  let seen = 0;
  proxy.addFault({
    kind: 'deny',
    service: 'dynamodb',
    match: (r) => r.target?.endsWith('.Scan') === true && ++seen === 2,
  });
  const partial = await captured('sick', { segments: 4 });
  expect(partial.failures).toHaveLength(1);
  expect(partial.failures[0]?.message).toMatch(/segment \d of 4/);
  expect(partial.failures[0]?.code).toBe('item.denied');
  proxy.clearFaults();
  await putAll(client, 'sick', [{ id: { N: '1000' } }]);
  expect(await planOf(partial, exact)).toEqual([]);
  const complete = await captured('sick', { segments: 4 });
  await putAll(client, 'sick', [{ id: { N: '1001' } }]);
  expect((await planOf(complete, exact)).map((action) => action.operation)).toEqual(['delete-items']);
});

it('a setting that is denied costs that setting, and is not removed by a restore', async () => {
  await makeTable(client, 'denied', 3);
  await client.updateTimeToLive({
    TableName: 'denied',
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
  });
  proxy.addFault({ kind: 'deny', match: (r) => r.target?.endsWith('DescribeTimeToLive') === true });
  const partial = await captured('denied');
  proxy.clearFaults();
  expect(partial.failures.map((failure) => failure.code)).toEqual(['item.denied']);
  expect(partial.captured.ledger.map((note) => note.what)).toContain('ttl.json not captured');
  expect(await planOf(partial, exact)).toEqual([]);
});

it('throttling costs time only', async () => {
  await makeTable(client, 'busy', 30);
  const whole = await captured('busy');
  const isScan = (request: { readonly target?: string }): boolean => request.target?.endsWith('.Scan') === true;
  proxy.addFault({ kind: 'throttle', service: 'dynamodb', match: isScan, times: 2 });
  expect((await captured('busy')).dump()).toEqual(whole.dump());
});
