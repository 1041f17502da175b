import type { DriftReport, Estate, ResourceDrift } from '../../../estate/contract.ts';
import type { RestorePlan, RestoreReport } from '../../../estate/restore-contract.ts';
import { findDrift } from '../../../estate/drift.ts';
import { planAgain } from '../../../estate/restore-plan.ts';
import { displayBytes } from '../../../kernel/bytes.ts';
import { resourceKey } from '../../../kernel/entry.ts';
import type { Repository, SnapshotReader } from '../../../repository/contract.ts';
import type { Difference } from '../../../repository/read/contract.ts';

/** Whether what was restored now equals the snapshot, found by capturing it again from where it was restored to. */
export type Proof =
  | {
      readonly result: 'equal' | 'differs' | 'incomplete';
      readonly compared: DriftReport['compared'];
      readonly left: readonly Left[];
    }
  | { readonly result: 'none'; readonly reason: string };

/** A resource that still differs. `expected`: the mode leaves it so on purpose. */
export interface Left {
  readonly resource: string;
  readonly differences: number;
  readonly expected: boolean;
}

/** Runs drift over the resources the plan touched, or plans those again that came back elsewhere. */
export async function proveRestore(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  plan: RestorePlan,
  /** Identities that the restore changed. */
  changed: RestoreReport['identities'],
): Promise<Proof> {
  const { request } = plan;
  if ('directory' in request.to) {
    return {
      result: 'none',
      reason: 'a directory has no live counterpart; all content was checked when it was read from the repository',
    };
  }
  const touched = [...new Set(plan.actions.map((action) => resourceKey(action.resource)))];
  if (touched.length === 0) return { result: 'none', reason: 'there was nothing to do' };
  const isMoved = request.rename.length > 0 || Object.keys(request.to.live).length > 0;
  // Of a tenant only its own part is compared, which planning does.
  if (isMoved || request.tenant !== undefined)
    return await proveMoved(estate, repository, reader, plan, touched, changed);
  const report = await findDrift(estate, repository, reader, { selectors: touched });
  const edited = leftOutOf(plan);
  const left = report.resources
    .map((drift) => leftOf(drift, plan))
    .filter((one) => one.differences > 0)
    .map((one) => ({ ...one, expected: one.expected || edited.some((id) => id.startsWith(`${one.resource}/`)) }));
  const compared = report.compared;
  if (report.failures.length > 0) return { result: 'incomplete', compared, left };
  return { result: left.some((one) => !one.expected) ? 'differs' : 'equal', compared, left };
}

/**
 * What came back elsewhere has other names, ARNs and ids, so that a plain comparison finds them all: it is planned again, with
 * what the restore learned of them, and what is equal needs nothing more.
 */
async function proveMoved(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  plan: RestorePlan,
  touched: readonly string[],
  changed: RestoreReport['identities'],
): Promise<Proof> {
  const again = await planAgain(estate, repository, reader, plan, changed);
  const edited = leftOutOf(plan);
  const created = new Set(
    plan.actions.filter(({ effect }) => effect === 'create').map(({ resource }) => resourceKey(resource)),
  );
  const left = touched
    .map((resource): Left => {
      const differences = again.actions.filter(
        (action) => resourceKey(action.resource) === resource && !edited.includes(action.id),
      ).length;
      const { mode, tenant } = plan.request;
      const expected = mode === 'create-missing' && tenant === undefined && !created.has(resource);
      return { resource, differences, expected };
    })
    .filter(({ differences }) => differences > 0);
  const unread = again.skipped.filter(({ resource }) => touched.includes(resource));
  const compared = { resources: touched.length - unread.length, entries: plan.items };
  if (unread.length > 0) return { result: 'incomplete', compared, left };
  return { result: left.some(({ expected }) => !expected) ? 'differs' : 'equal', compared, left };
}

/** Ids of actions that were removed from the plan: what they would have done differs on purpose. */
function leftOutOf({ leftOut = [] }: RestorePlan): readonly string[] {
  return leftOut;
}

function leftOf(drift: ResourceDrift, plan: RestorePlan): Left {
  const { mode, path } = plan.request;
  if (drift.change !== 'changed')
    return { resource: drift.resource, differences: 1, expected: drift.change === 'extra' && mode !== 'exact' };
  const within = drift.differences.filter((difference) => isWithin(drift.resource, difference, path));
  // Beyond the differences that are listed nothing is known; they count as unexpected.
  const unlisted = path === '' || path === drift.resource ? drift.total - drift.differences.length : 0;
  const leaves = (difference: Difference): boolean =>
    mode === 'create-missing'
      ? difference.change !== 'missing'
      : mode === 'revert-changed' && difference.change === 'extra';
  return {
    resource: drift.resource,
    differences: within.length + unlisted,
    expected: unlisted === 0 && within.every(leaves),
  };
}

/** True for what lies under the restored path: `type/name[/collection][/key…]`. */
function isWithin(resource: string, difference: Difference, path: string): boolean {
  const inside = difference.collection === '' ? '' : `${difference.collection}/`;
  const full = `${resource}/${inside}${displayBytes(difference.key)}`;
  return !path.startsWith(`${resource}/`) || full.startsWith(path);
}
