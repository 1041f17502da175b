import { describe, expect, it } from 'vitest';
import type { PlannedAction } from '../connectors/contract.ts';
import type { Json } from '../kernel/json.ts';
import type { RestorePlan } from './contract.ts';
import { checkStillCovered } from './plan-coverage.ts';
import { parseRestorePlan } from './plan-file.ts';

function action(id: string, more: Partial<PlannedAction> = {}): PlannedAction {
  return {
    id,
    resource: { type: 'things', name: 'a', id: 'thing:a', region: 'us-east-1', account: '123456789012' },
    operation: 'put',
    title: `do ${id}`,
    effect: 'update',
    dependsOn: [],
    input: { keys: ['a', 'b'], count: 2 },
    items: 2,
    ...more,
  };
}

function plan(actions: readonly PlannedAction[]): RestorePlan {
  return {
    schema: 1,
    snapshot: 'abc',
    estate: 'acme',
    createdAt: '2026-11-21T00:00:00.000Z',
    request: { path: '', to: { live: {} }, mode: 'create-missing', rename: [{ from: 'a', to: 'b' }] },
    actions,
    skipped: [{ resource: 'x/y', reason: 'because' }],
    items: 2,
    bytes: 0,
    ledger: [{ resource: 'things/a', class: 'lost', what: 'it', why: 'so' }],
    targetState: 'ff',
  };
}

describe('a stored plan', () => {
  it('comes back as it was', () => {
    const made = plan([action('things/a/put', { ledger: [{ class: 'lost', what: 'w', why: 'y', action: 'z' }] })]);
    expect(parseRestorePlan(JSON.stringify(made))).toEqual(made);
  });

  it.each<readonly [string, string, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['another schema', JSON.stringify({ ...plan([]), schema: 2 }), /schema/],
    ['a list', '[]', /no restore plan/],
    ['an action without an id', JSON.stringify({ ...plan([]), actions: [{ operation: 'x' }] }), /actions\.0\.id/],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => parseRestorePlan(text)).toThrow(message);
  });
});

describe('whether a plan still covers what is to be done', () => {
  const covered = (
    now: readonly PlannedAction[],
    then: readonly PlannedAction[] = [action('one'), action('two')],
  ): boolean => {
    try {
      checkStillCovered(plan(then), now);
      return true;
    } catch {
      return false;
    }
  };
  const put = (input: Json, items = 1): PlannedAction[] => [action('one', { input, items })];

  it.each<readonly [string, readonly PlannedAction[], boolean]>([
    ['the same', [action('one'), action('two')], true],
    ['nothing left', [], true],
    ['one left', [action('two')], true],
    ['fewer keys', put({ keys: ['b'], count: 1 }), true],
    ['another key', put({ keys: ['c'], count: 1 }), false],
    ['more items', put({ keys: ['a', 'b'], count: 2 }, 3), false],
    ['a higher count', put({ keys: ['a', 'b'], count: 3 }), false],
    ['a new key of the input', put({ keys: ['a'], count: 1, force: true }), false],
    ['an action nobody planned', [action('three')], false],
    ['another operation', [action('one', { operation: 'delete' })], false],
    ['another effect', [action('one', { effect: 'delete' })], false],
  ])('%s: %j', (_, now, expected) => {
    expect(covered(now)).toBe(expected);
  });

  it('lets an update finish what a creation began, and never the other way round', () => {
    const create = [action('one', { effect: 'create' })];
    expect(covered([action('one')], create)).toBe(true);
    expect(covered(create, [action('one')])).toBe(false);
  });

  it('says what it would need', () => {
    expect(() => checkStillCovered(plan([]), [action('three')])).toThrow(/would now also need: do three/);
  });
});
