import { describe, expect, it } from 'vitest';
import type { PlannedAction } from '../connectors/contract.ts';
import type { Json } from '../kernel/json.ts';
import type { RestorePlan } from './restore-contract.ts';
import { checkStillCovered } from './plan-coverage.ts';
import { sealOf } from './plan-edit.ts';
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
  const made = {
    schema: 1 as const,
    snapshot: 'abc',
    estate: 'acme',
    createdAt: '2026-11-21T00:00:00.000Z',
    request: { path: '', to: { live: {} }, mode: 'create-missing' as const, rename: [{ from: 'a', to: 'b' }] },
    actions,
    skipped: [{ resource: 'x/y', reason: 'because' }],
    items: 2,
    bytes: 0,
    ledger: [{ resource: 'things/a', class: 'lost' as const, what: 'it', why: 'so' }],
    targetState: 'ff',
  };
  return { ...made, seal: sealOf(made) };
}

describe('a stored plan', () => {
  it('comes back as it was', () => {
    const made = plan([action('things/a/put', { ledger: [{ class: 'lost', what: 'w', why: 'y', action: 'z' }] })]);
    expect(parseRestorePlan(JSON.stringify(made))).toEqual({ plan: made, renamed: false });
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

describe('a stored plan that was edited', () => {
  const whole = plan([action('one'), action('two', { dependsOn: ['one'] }), action('three', { items: 5 })]);
  const edited = (change: Partial<RestorePlan>): ReturnType<typeof parseRestorePlan> =>
    parseRestorePlan(JSON.stringify({ ...whole, ...change }));
  const [one, two, three] = whole.actions;
  const kept = (...actions: (PlannedAction | undefined)[]): PlannedAction[] => actions.flatMap((each) => each ?? []);

  it('may lack actions, with those that depend on them', () => {
    const { plan: left, renamed } = edited({ actions: kept(one, two) });
    expect(left).toMatchObject({ leftOut: ['three'], items: 4 });
    expect(renamed).toBe(false);
    expect(edited({ actions: kept(three) }).plan).toMatchObject({ leftOut: ['one', 'two'], items: 5 });
    expect(edited({ actions: [] }).plan).toMatchObject({ leftOut: ['one', 'three', 'two'], items: 0, ledger: [] });
  });

  it('may have other renames, and says so', () => {
    const request = { ...whole.request, rename: [{ from: 'a', to: 'c' }] };
    expect(edited({ request })).toMatchObject({ renamed: true, plan: { request } });
  });

  it.each<readonly [string, Partial<RestorePlan>, RegExp]>([
    ['an action without what it needs', { actions: kept(two, three) }, /two depends on one; remove it too/],
    ['an action that was changed', { actions: kept(one && { ...one, input: null }) }, /action one was changed/],
    ['an action that was added', { actions: [...whole.actions, action('four')] }, /action four was added/],
    ['an action twice', { actions: kept(one, one) }, /twice/],
    ['another mode', { request: { ...whole.request, mode: 'exact' } }, /something besides/],
    ['another snapshot', { snapshot: 'def' }, /something besides/],
    ['another state of the target', { targetState: '00' }, /something besides/],
  ])('is refused with %s', (_, change, message) => {
    expect(() => edited(change)).toThrow(message);
  });

  it('to a directory, is refused when something is missing', () => {
    const { seal: _, ...made } = { ...whole, request: { ...whole.request, to: { directory: '/out' } } };
    const sealed = { ...made, seal: sealOf(made), actions: kept(one) };
    expect(() => parseRestorePlan(JSON.stringify(sealed))).toThrow(/to a directory/);
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
