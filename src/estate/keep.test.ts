import { expect, test } from 'vitest';
import type { EstateConfig } from '../config/contract.ts';
import type { PlanConfig } from '../config/plans.ts';
import { policiesOfPlan } from './keep.ts';

const keep = { count: { daily: 7 }, within: {}, tags: [] };

function configured(plans: Readonly<Record<string, PlanConfig>>): EstateConfig {
  return {
    version: 1,
    estate: 'acme',
    repository: './vault',
    writing: {},
    file: '/holdfast.yaml',
    folder: '/',
    accounts: [],
    sites: {},
    sources: [],
    plans,
  };
}

const config = configured({
  daily: { select: ['*'], keep },
  tables: { select: ['dynamodb', 'buckets/a*'], keep },
  none: { select: ['*'] },
});

test('a plan comes first, the others that keep something after it', () => {
  expect(policiesOfPlan(config, 'tables').map(({ name }) => name)).toEqual(['tables', 'daily']);
  expect(policiesOfPlan(config, 'daily').map(({ name }) => name)).toEqual(['daily', 'tables']);
});

test.each([
  ['carts', 'dynamodb', undefined, true],
  ['carts', 'dynamodb', 'dynamodb/x', true],
  ['buckets', 's3-buckets', 'buckets/a*', true],
  ['buckets', 's3-buckets', 'buckets/b*', false],
  ['buckets', 's3-buckets', undefined, false],
  ['tools', 'local', undefined, false],
])('of %s (%s), part %s: %s', (source, type, selection, expected) => {
  const record = { source, type, captured: 1, partial: 0, failures: [], ...(selection ? { selection } : {}) };
  const [tables, daily] = policiesOfPlan(config, 'tables');
  expect(tables.holds?.(record)).toBe(expected);
  expect(daily?.holds).toBeUndefined();
});

test('a plan that is not there, or keeps nothing, is refused', () => {
  for (const [name, message] of [
    ['dayly', 'no plan is named dayly; did you mean daily?'],
    ['none', 'plan none does not say what to keep'],
  ] as const)
    expect(() => policiesOfPlan(config, name)).toThrow(expect.objectContaining({ code: 'usage.invalid', message }));
});
