import { describe, expect, it } from 'vitest';
import { createAwsAccess } from '../../src/connectors/aws/access.ts';
import type { AwsAccess, JsonCalls } from '../../src/connectors/aws/contract.ts';
import { simulatedRuntime } from '../simulated-time.ts';

const latencyMs = 10;
const lanes = 128;

interface Written {
  readonly accepted: number;
  readonly refused: number;
}

class DynamoDB {
  readonly asks = 'nothing';
}

/** A provider in simulated time with tables of so many calls a second, whose capacity comes by the millisecond. */
function provider(capacity: Readonly<Record<string, number>>) {
  const runtime = simulatedRuntime(1);
  const { clock } = runtime;
  const buckets = new Map<string, { tokens: number; at: number }>();
  function takes(table: string): boolean {
    const perSecond = capacity[table] ?? Infinity;
    const bucket = buckets.get(table) ?? { tokens: perSecond / 10, at: clock.now() };
    buckets.set(table, bucket);
    bucket.tokens = Math.min(perSecond / 10, bucket.tokens + ((clock.now() - bucket.at) / 1000) * perSecond);
    bucket.at = clock.now();
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
  const aws = createAwsAccess({
    account: '123456789012',
    region: 'us-east-1',
    runtime,
    concurrency: 1000,
    openJsonCalls: () => ({
      async call({ resource }) {
        await clock.sleep(latencyMs);
        if (!takes(resource)) throw Object.assign(new Error('slower'), { name: 'ThrottlingException' });
        return new Uint8Array(0);
      },
      close: () => undefined,
    }),
  });
  const client = new DynamoDB();
  /** Calls without pause for so many seconds. */
  async function calling(table: string, seconds: number, operation = 'BatchWriteItem'): Promise<Written> {
    const calls = (aws as AwsAccess & { jsonCalls(client: object, shown: object): JsonCalls }).jsonCalls(client, {});
    const until = clock.now() + seconds * 1000;
    const total = { accepted: 0, refused: 0 };
    const lane = async (): Promise<void> => {
      while (clock.now() < until) {
        try {
          await calls.call({ operation, resource: table, body: new Uint8Array(0) });
          total.accepted++;
        } catch {
          total.refused++;
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return total;
  }
  return { calling, aws, clock };
}

describe('calls for the items of a table', () => {
  it('become as many as the table takes, while nothing is throttled', async () => {
    const { calling } = provider({});
    const first = await calling('orders', 2);
    const later = await calling('orders', 20);
    expect(first.accepted / 2).toBeLessThan(500);
    expect(later.accepted / 20).toBeGreaterThan(1000);
    expect(later.refused).toBe(0);
  });

  it.each([20, 300, 900])('stay near the %i a second that it takes', async (capacity) => {
    const { calling } = provider({ orders: capacity });
    await calling('orders', 10);
    const { accepted, refused } = await calling('orders', 60);
    expect(accepted / 60).toBeGreaterThan(capacity * 0.6);
    expect(accepted / 60).toBeLessThanOrEqual(capacity * 1.1);
    expect(refused / accepted).toBeLessThan(0.25);
  });

  it('are slowed by what is left unprocessed, too', async () => {
    const { calling, aws, clock } = provider({});
    await calling('orders', 10);
    const before = await calling('orders', 1);
    for (let i = 0; i < 4; i++) {
      aws.heldBack?.({ api: 'dynamodb', operation: 'BatchWriteItem', resource: 'orders' });
      await clock.sleep(1001);
    }
    const after = await calling('orders', 1);
    expect(after.accepted).toBeLessThan(before.accepted / 3);
  });

  it('do not slow those of another table, nor reading', async () => {
    const { calling } = provider({ small: 5 });
    const [, large] = await Promise.all([calling('small', 20), calling('large', 20)]);
    expect(large.accepted / 20).toBeGreaterThan(600);
    expect((await calling('small', 5, 'DescribeTable')).refused).toBeGreaterThan(0);
  });
});

describe('other calls', () => {
  it('stay within what the API grants', async () => {
    const { calling } = provider({});
    const { accepted } = await calling('orders', 20, 'DescribeTable');
    expect(accepted / 20).toBeGreaterThan(350);
    expect(accepted / 20).toBeLessThan(430);
  });
});
