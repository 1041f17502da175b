import type { TrafficPolicyInstance } from '@aws-sdk/client-route-53';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { capturedDocuments } from './account-documents.ts';
import { listTrafficPolicies, listTrafficPolicyInstances } from './account-listing.ts';
import { route53 } from './client.ts';
import { canonicalName } from './names.ts';
import type { Options } from './options.ts';
import { findPolicy, trafficPolicies, versionAt, wantedPolicies } from './traffic-policies.ts';

type Context = RestoreContext<Options>;

interface Wanted {
  readonly key: string;
  readonly zone: string;
  readonly name: string;
  readonly type: string | undefined;
  readonly ttl: number | undefined;
  /** Undefined until the policy is there. */
  readonly policy: string | undefined;
  readonly version: number | undefined;
}

async function wantedInstances(context: Context, captured: CapturedResource): Promise<Wanted[]> {
  const found = await capturedDocuments(context, captured, trafficPolicies);
  const instances = found
    .filter(({ key }) => key.includes('/instances/'))
    .map(({ key, document }) => ({ key, document: document as unknown as TrafficPolicyInstance }));
  if (instances.length === 0) return [];
  const policies = await wantedPolicies({ ...context, ...everything(context) }, captured);
  const all = await listTrafficPolicies(context.aws);
  return instances.map(({ key, document }) => {
    const policy = policies.find(({ id }) => id === document.TrafficPolicyId);
    const said = policy?.versions.find(({ number }) => number === document.TrafficPolicyVersion);
    const there = policy && findPolicy(all, policy);
    return {
      key,
      zone: context.identity(document.HostedZoneId ?? ''),
      name: context.rename(canonicalName(document.Name ?? '')),
      type: document.TrafficPolicyType,
      ttl: document.TTL,
      policy: there?.id,
      version: said && versionAt(there, said.document),
    };
  });
}

/** An instance names its policy, whatever part of the snapshot is restored. */
function everything({ only }: Context): Partial<Context> {
  return only === undefined ? {} : { only: { ...only, prefix: new Uint8Array() } };
}

function find(all: readonly TrafficPolicyInstance[], wanted: Wanted): TrafficPolicyInstance | undefined {
  return all.find(
    ({ HostedZoneId, Name = '', TrafficPolicyType }) =>
      HostedZoneId === wanted.zone && canonicalName(Name) === wanted.name && TrafficPolicyType === wanted.type,
  );
}

function isSame(live: TrafficPolicyInstance, { ttl, policy, version }: Wanted): boolean {
  return live.TTL === ttl && live.TrafficPolicyId === policy && live.TrafficPolicyVersion === version;
}

/** They answer names in zones, and come once zones and policies are there. None is ever deleted. */
export async function planTrafficInstances(
  context: Context,
  captured: CapturedResource,
  policies: readonly string[],
): Promise<PlannedAction[]> {
  const wanted = await wantedInstances(context, captured);
  if (wanted.length === 0) return [];
  const all = await listTrafficPolicyInstances(context.aws);
  return wanted.flatMap((instance): PlannedAction[] => {
    const live = find(all, instance);
    if (live && (context.mode === 'create-missing' || isSame(live, instance))) return [];
    const effect = live ? 'update' : 'create';
    return [
      {
        id: `route53/${captured.ref.name}/put-traffic-policy-instance/${instance.key.replace(/^.*\/|\.json$/g, '')}`,
        resource: captured.ref,
        operation: 'put-traffic-policy-instance',
        title: `${effect} what answers ${instance.name} by a traffic policy`,
        effect,
        dependsOn: policies,
        input: { key: instance.key },
        items: 1,
        phase: 'settle',
      },
    ];
  });
}

export async function applyTrafficInstance(
  context: Context,
  key: string,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const resource = `route53/${captured.ref.name}/${trafficPolicies}/${key}`;
  const wanted = (await wantedInstances(context, captured)).find((one) => one.key === key);
  if (!wanted) throw new HoldfastError('plan.invalid', `the snapshot has no ${resource}`, { resource });
  const { policy: TrafficPolicyId, version: TrafficPolicyVersion, ttl: TTL } = wanted;
  if (TrafficPolicyId === undefined || TrafficPolicyVersion === undefined)
    throw new HoldfastError('item.not-found', `the policy of ${resource} was not restored`, { resource });
  const live = find(await listTrafficPolicyInstances(context.aws), wanted);
  if (live && isSame(live, wanted)) return { result: 'unchanged', class: 'exact' };
  const { client, sdk } = await route53(context.aws);
  const said = { TTL, TrafficPolicyId, TrafficPolicyVersion };
  if (live) {
    const command = new sdk.UpdateTrafficPolicyInstanceCommand({ Id: live.Id, ...said });
    await required(client.send(command), 'UpdateTrafficPolicyInstance', resource);
  } else {
    const command = new sdk.CreateTrafficPolicyInstanceCommand({
      HostedZoneId: wanted.zone,
      Name: wanted.name,
      ...said,
    });
    await required(client.send(command), 'CreateTrafficPolicyInstance', resource);
  }
  const after = find(await listTrafficPolicyInstances(context.aws), wanted);
  if (!after || !isSame(after, wanted))
    throw new HoldfastError('item.changed', `${resource} was written but reads back otherwise`, { resource });
  return { result: 'done', class: 'exact', items: 1 };
}
