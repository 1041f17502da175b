import { fromAws, isAwsError, optional, required } from '../../../src/connectors/aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../../../src/connectors/contract.ts';
import type { CapturedResource } from '../../../src/kernel/entry.ts';
import { HoldfastError } from '../../../src/kernel/errors.ts';
import { canonicalJson, compactJson } from '../../../src/kernel/json.ts';
import { policyFolder } from './capture.ts';
import { groupExists, iam, readPolicy } from './group.ts';

/** Performs one action, may be repeated, and believes nothing but what it reads back. */
export async function apply(
  { aws }: RestoreContext,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const { client, sdk } = await iam(aws);
  const { group, policy } = action.input as { readonly group: string; readonly policy: string };
  const resource = `iam-groups/${group}/${policy}`;
  const failed = (): HoldfastError =>
    new HoldfastError('item.invalid', `${action.title}: IAM said yes, and it is not there`, { resource });
  if (action.operation === 'create-group') {
    try {
      await client.send(new sdk.CreateGroupCommand({ GroupName: group }));
    } catch (error) {
      // Somebody else, or an earlier attempt whose answer was lost.
      if (!isAwsError(error, 'EntityAlreadyExists', 'EntityAlreadyExistsException'))
        throw fromAws(error, 'CreateGroup', resource);
    }
    if (!(await groupExists(aws, group))) throw failed();
    return { result: 'done', class: 'new-identity', note: 'the group has a new id' };
  }
  if (action.operation === 'delete-policy') {
    const deleting = client.send(new sdk.DeleteGroupPolicyCommand({ GroupName: group, PolicyName: policy }));
    await optional(deleting, 'DeleteGroupPolicy', resource, 'NoSuchEntity', 'NoSuchEntityException');
    if ((await readPolicy(aws, group, policy)) !== undefined) throw failed();
    return { result: 'done', class: 'exact' };
  }
  const document = (await captured.json('', `${policyFolder}${policy}.json`)) ?? null;
  const input = { GroupName: group, PolicyName: policy, PolicyDocument: canonicalJson(document) };
  await required(client.send(new sdk.PutGroupPolicyCommand(input)), 'PutGroupPolicy', resource);
  if (compactJson((await readPolicy(aws, group, policy)) ?? null) !== compactJson(document)) throw failed();
  return { result: 'done', class: 'exact', items: 1 };
}
