import type { AwsAccess } from '../../../src/connectors/aws/contract.ts';
import { optional, required } from '../../../src/connectors/aws/classify.ts';
import type { Json } from '../../../src/kernel/json.ts';

/** The client comes from `aws`, never from `new`: it is paced, retried, counted and pointed at the right endpoint. */
export async function iam(aws: AwsAccess) {
  const sdk = await import('@aws-sdk/client-iam');
  return { client: aws.client(sdk.IAMClient), sdk };
}

export async function groupExists(aws: AwsAccess, name: string): Promise<boolean> {
  const { client, sdk } = await iam(aws);
  const found = client.send(new sdk.GetGroupCommand({ GroupName: name, MaxItems: 1 }));
  return (
    (await optional(found, 'GetGroup', `iam-groups/${name}`, 'NoSuchEntity', 'NoSuchEntityException')) !== undefined
  );
}

/** Names of the group's inline policies, of all pages. */
export async function policyNames(aws: AwsAccess, name: string): Promise<string[]> {
  const { client, sdk } = await iam(aws);
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    const page = client.send(new sdk.ListGroupPoliciesCommand({ GroupName: name, ...(Marker ? { Marker } : {}) }));
    const answer = await required(page, 'ListGroupPolicies', `iam-groups/${name}`);
    names.push(...(answer.PolicyNames ?? []));
    Marker = answer.IsTruncated ? answer.Marker : undefined;
  } while (Marker !== undefined);
  return names.sort();
}

/** The policy as JSON; undefined where the group has none of that name. */
export async function readPolicy(aws: AwsAccess, name: string, policy: string): Promise<Json | undefined> {
  const { client, sdk } = await iam(aws);
  const found = client.send(new sdk.GetGroupPolicyCommand({ GroupName: name, PolicyName: policy }));
  const resource = `iam-groups/${name}/${policy}`;
  const answer = await optional(found, 'GetGroupPolicy', resource, 'NoSuchEntity', 'NoSuchEntityException');
  // IAM gives policy documents percent-encoded (RFC 3986).
  return answer ? (JSON.parse(decodeURIComponent(answer.PolicyDocument ?? '')) as Json) : undefined;
}
