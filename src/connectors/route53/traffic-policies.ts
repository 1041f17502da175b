import type { TrafficPolicy } from '@aws-sdk/client-route-53';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { capturedDocuments, identityOutcome } from './account-documents.ts';
import { listTrafficPolicies, type TrafficPolicyFamily } from './account-listing.ts';
import { route53 } from './client.ts';
import type { Options } from './options.ts';

type Context = RestoreContext<Options>;

export const trafficPolicies = 'traffic-policies';

/** A captured policy: all its versions, from the oldest, as they should be at the target. */
interface WantedPolicy {
  readonly id: string;
  readonly name: string;
  readonly versions: readonly {
    readonly number: number;
    readonly document: string;
    readonly comment: string | undefined;
  }[];
}

export async function wantedPolicies(context: Context, captured: CapturedResource): Promise<WantedPolicy[]> {
  const found = await capturedDocuments(context, captured, trafficPolicies);
  return found
    .filter(({ key }) => key.endsWith('/versions.json'))
    .map(({ key, document }) => ({ key, document: document as unknown as readonly TrafficPolicy[] }))
    .map(({ key, document }) => ({
      id: key.split('/')[0] ?? '',
      name: document[0]?.Name ?? '',
      versions: document
        .map(({ Version = 0, Document = '', Comment }) => ({
          number: Version,
          document: context.rewrite(Document) as string,
          comment: Comment,
        }))
        .sort((a, b) => a.number - b.number),
    }));
}

/** The policy of this id, else of this name. */
export function findPolicy(
  all: readonly TrafficPolicyFamily[],
  { id, name }: WantedPolicy,
): TrafficPolicyFamily | undefined {
  return all.find((one) => one.id === id) ?? all.find((one) => one.versions[0]?.Name === name);
}

/** Which version of the target says what a captured one said: versions cannot be changed, and are numbered anew. */
export function versionAt(family: TrafficPolicyFamily | undefined, document: string): number | undefined {
  return family?.versions.find((one) => sameDocument(one.Document, document))?.Version;
}

/** One action for each policy that is missing or lacks versions; none is ever deleted: other zones may use it. */
export async function planTrafficPolicies(
  context: Context,
  captured: CapturedResource,
  after: readonly string[],
): Promise<PlannedAction[]> {
  const wanted = await wantedPolicies(context, captured);
  if (wanted.length === 0) return [];
  const all = await listTrafficPolicies(context.aws);
  return wanted.flatMap((policy): PlannedAction[] => {
    const live = findPolicy(all, policy);
    if (live && live.id !== policy.id) context.learn?.(policy.id, live.id);
    const missing = policy.versions.filter(({ document }) => versionAt(live, document) === undefined);
    if (live && (missing.length === 0 || context.mode === 'create-missing')) return [];
    const effect = live ? 'update' : 'create';
    return [
      {
        id: `route53/${captured.ref.name}/put-traffic-policy/${policy.id}`,
        resource: captured.ref,
        operation: 'put-traffic-policy',
        title: `${effect} the traffic policy ${policy.name}`,
        effect,
        dependsOn: after,
        input: { id: policy.id },
        items: missing.length,
      },
    ];
  });
}

/** Creates the policy or the versions it lacks, oldest first, and reads them back. */
export async function applyTrafficPolicy(
  context: Context,
  id: string,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const resource = `route53/${captured.ref.name}/${trafficPolicies}/${id}`;
  const wanted = (await wantedPolicies(context, captured)).find((one) => one.id === id);
  if (!wanted) throw new HoldfastError('plan.invalid', `the snapshot has no ${resource}`, { resource });
  const { client, sdk } = await route53(context.aws);
  const live = findPolicy(await listTrafficPolicies(context.aws), wanted);
  let Id = live?.id;
  let written = 0;
  for (const { document: Document, comment: Comment } of wanted.versions) {
    if (versionAt(live, Document) !== undefined) continue;
    const said = { Document, ...(Comment === undefined ? {} : { Comment }) };
    if (Id === undefined) {
      const command = new sdk.CreateTrafficPolicyCommand({ Name: wanted.name, ...said });
      Id = (await required(client.send(command), 'CreateTrafficPolicy', resource)).TrafficPolicy?.Id;
    } else {
      const command = new sdk.CreateTrafficPolicyVersionCommand({ Id, ...said });
      await required(client.send(command), 'CreateTrafficPolicyVersion', resource);
    }
    written += 1;
  }
  const after = findPolicy(await listTrafficPolicies(context.aws), wanted);
  if (!after || wanted.versions.some(({ document }) => versionAt(after, document) === undefined))
    throw new HoldfastError('item.changed', `${resource} was written but reads back otherwise`, { resource });
  return identityOutcome(after.id === id ? [] : [{ from: id, to: after.id }], written > 0);
}

function sameDocument(a: string | undefined, b: string): boolean {
  const parsed = (text: string | undefined): string => {
    try {
      return canonicalJson(JSON.parse(text ?? '') as Json);
    } catch {
      return text ?? '';
    }
  };
  return parsed(a) === parsed(b);
}
