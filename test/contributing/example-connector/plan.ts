import type { PlannedAction, RestoreContext } from '../../../src/connectors/contract.ts';
import { displayBytes, utf8 } from '../../../src/kernel/bytes.ts';
import type { CapturedResource } from '../../../src/kernel/entry.ts';
import { compactJson } from '../../../src/kernel/json.ts';
import { policyFolder } from './capture.ts';
import { groupExists, policyNames, readPolicy } from './group.ts';

/** Compares the captured group with the live one; reads only. An empty list: there is nothing to do. */
export async function plan(context: RestoreContext, captured: CapturedResource): Promise<PlannedAction[]> {
  const { aws, mode, only } = context;
  const { ref } = captured;
  const group = context.rename(ref.name);
  const exists = await groupExists(aws, group);
  const actions: PlannedAction[] = [];
  const add = (operation: string, policy: string, effect: PlannedAction['effect'], title: string): void => {
    const id = ['iam-groups', ref.name, operation, policy].filter((part) => part !== '').join('/');
    const dependsOn = exists || operation === 'create-group' ? [] : [`iam-groups/${ref.name}/create-group`];
    actions.push({ id, resource: ref, operation, title, effect, dependsOn, input: { group, policy } });
  };
  if (!exists) add('create-group', '', 'create', `create group ${group}`);
  const wanted = new Set<string>();
  for await (const { key } of captured.entries('', { prefix: only?.prefix ?? utf8(policyFolder) })) {
    const policy = displayBytes(key).slice(policyFolder.length, -'.json'.length);
    wanted.add(policy);
    const live = exists ? await readPolicy(aws, group, policy) : undefined;
    const document = (await captured.json('', displayBytes(key))) ?? null;
    if (live !== undefined && (mode === 'create-missing' || compactJson(live) === compactJson(document))) continue;
    add('put-policy', policy, live === undefined ? 'create' : 'update', `put policy ${policy} of group ${group}`);
  }
  if (mode !== 'exact' || only || !exists) return actions;
  for (const policy of await policyNames(aws, group))
    if (!wanted.has(policy)) add('delete-policy', policy, 'delete', `delete policy ${policy} of group ${group}`);
  return actions;
}
