import { describe, expect, it } from 'vitest';
import type { PlannedAction } from '../connectors/contract.ts';
import { estimateRestore } from './estimate.ts';

function action(type: string, more: Partial<PlannedAction> = {}): PlannedAction {
  const resource = { type, name: 'one', id: 'one', region: 'us-east-1', account: '1' };
  const base = { operation: 'create', title: '', effect: 'create', dependsOn: [], input: null } as const;
  return { id: `${type}/one/create`, resource, ...base, ...more };
}

describe('what a restore takes and costs', () => {
  it('is nothing for nothing', () => {
    expect(estimateRestore([])).toEqual({ seconds: 0, once: 0, monthly: 0, unpriced: [] });
  });

  it('follows the slower of calls and bytes, type after type', () => {
    const records = estimateRestore([action('route53', { items: 20_000 })]);
    expect(records.seconds).toBeGreaterThan(4000);
    const objects = action('s3-buckets', { items: 1000, bytes: 100 * 1024 ** 3 });
    expect(estimateRestore([objects]).seconds).toBeGreaterThan(3400);
    expect(estimateRestore([objects, action('route53')]).seconds).toBeGreaterThanOrEqual(
      estimateRestore([objects]).seconds,
    );
  });

  it('is minutes, not days, for a million rows that go in bulk', () => {
    const rows = action('postgres', { items: 1_000_000, bytes: 400 * 1024 ** 2 });
    expect(estimateRestore([rows])).toMatchObject({ unpriced: [] });
    expect(estimateRestore([rows]).seconds).toBeLessThan(60);
  });

  it('prices what it knows, names what it does not, and nothing that is deleted', () => {
    const objects = action('s3-buckets', { items: 2_000_000, bytes: 10 * 1024 ** 3 });
    expect(estimateRestore([objects])).toMatchObject({ once: 10, monthly: 0.23 });
    const named = (name: string, more: Partial<PlannedAction> = {}) =>
      action('kms', { ...more, resource: { ...action('kms').resource, name } });
    expect(estimateRestore([named('keys/1'), action('other')])).toMatchObject({ monthly: 1, unpriced: ['other'] });
    expect(estimateRestore([named('keys/1', { effect: 'delete' })])).toMatchObject({ monthly: 0 });
    // An alias costs nothing, and writing a policy of a key that is there neither.
    expect(estimateRestore([named('aliases/a'), named('keys/1', { operation: 'write' })])).toMatchObject({
      monthly: 0,
    });
    const zone = action('route53', { operation: 'create-zone' });
    const check = action('route53', { operation: 'create-health-check' });
    expect(estimateRestore([zone, check, action('route53', { operation: 'change-records' })])).toMatchObject({
      monthly: 1,
    });
  });
});
