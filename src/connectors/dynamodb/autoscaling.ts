import type {
  ApplicationAutoScaling,
  ScalableDimension,
  ScalableTarget,
  ScalableTargetAction,
  ScalingPolicy,
  ScheduledAction,
  SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { TableDocument, Throughput } from './table-document.ts';
import type { Table } from './tables.ts';

const ServiceNamespace = 'dynamodb';

/** One scaled dimension: `''` is the table itself, else the name of a global secondary index. */
export interface ScalingTarget {
  readonly index: string;
  readonly dimension: string;
  readonly min: number;
  readonly max: number;
  readonly roleArn?: string;
  readonly suspended?: SuspendedState;
  readonly policies: readonly { readonly name: string; readonly type: string; readonly configuration: Json }[];
  readonly scheduled: readonly {
    readonly name: string;
    readonly schedule: string;
    readonly timezone?: string;
    readonly action: ScalableTargetAction;
  }[];
}

/** `autoscaling.json`: every scaled dimension of a table and its indexes; undefined where nothing is scaled. */
export async function readAutoscaling(
  client: ApplicationAutoScaling,
  table: Table,
  indexes: readonly string[],
): Promise<ScalingTarget[] | undefined> {
  const ids = ['', ...indexes].map((index) => resourceId(table, index));
  const targets: ScalableTarget[] = [];
  // The API takes 50 ids a call.
  for (let at = 0; at < ids.length; at += 50) {
    targets.push(
      ...(await everyPage(
        (NextToken) =>
          required(
            client.describeScalableTargets({ ServiceNamespace, ResourceIds: ids.slice(at, at + 50), ...NextToken }),
            'DescribeScalableTargets',
            table.resource,
          ),
        (page) => page.ScalableTargets,
      )),
    );
  }
  if (targets.length === 0) return undefined;
  const scaled = [...new Set(targets.map(({ ResourceId = '' }) => ResourceId))];
  const policies: ScalingPolicy[] = [];
  const scheduled: ScheduledAction[] = [];
  for (const ResourceId of scaled) {
    policies.push(
      ...(await everyPage(
        (NextToken) =>
          required(
            client.describeScalingPolicies({ ServiceNamespace, ResourceId, ...NextToken }),
            'DescribeScalingPolicies',
            table.resource,
          ),
        (page) => page.ScalingPolicies,
      )),
    );
    scheduled.push(
      ...(await everyPage(
        (NextToken) =>
          required(
            client.describeScheduledActions({ ServiceNamespace, ResourceId, ...NextToken }),
            'DescribeScheduledActions',
            table.resource,
          ),
        (page) => page.ScheduledActions,
      )),
    );
  }
  return targets.map((target) => document(table, target, policies, scheduled)).sort(byPlace);
}

/**
 * A table whose throughput is scaled has another one every hour: what is captured for it is the least that scaling allows.
 */
export function withoutScaledThroughput(table: TableDocument, targets: readonly ScalingTarget[]): TableDocument {
  const settle = (index: string, given: Throughput | undefined): { readonly ProvisionedThroughput?: Throughput } => {
    if (given === undefined) return {};
    const least = (unit: string): number | undefined =>
      targets.find((target) => target.index === index && target.dimension.endsWith(unit))?.min;
    return {
      ProvisionedThroughput: {
        ReadCapacityUnits: least('ReadCapacityUnits') ?? given.ReadCapacityUnits,
        WriteCapacityUnits: least('WriteCapacityUnits') ?? given.WriteCapacityUnits,
      },
    };
  };
  const indexes = table.GlobalSecondaryIndexes?.map((index) => ({
    ...index,
    ...settle(index.IndexName, index.ProvisionedThroughput),
  }));
  return {
    ...table,
    ...settle('', table.ProvisionedThroughput),
    ...(indexes === undefined ? {} : { GlobalSecondaryIndexes: indexes }),
  };
}

function document(
  table: Table,
  target: ScalableTarget,
  policies: readonly ScalingPolicy[],
  scheduled: readonly ScheduledAction[],
): ScalingTarget {
  const { RoleARN: role = '', SuspendedState: suspended } = target;
  const isOfTarget = (other: { ResourceId: string | undefined; ScalableDimension?: ScalableDimension | undefined }) =>
    other.ResourceId === target.ResourceId && other.ScalableDimension === target.ScalableDimension;
  const isSuspended = Object.values(suspended ?? {}).some(Boolean);
  return {
    index: indexOf(table, target.ResourceId ?? ''),
    dimension: target.ScalableDimension ?? '',
    min: target.MinCapacity ?? 1,
    max: target.MaxCapacity ?? 1,
    // The service-linked role is made by AWS itself, in every account under another ARN.
    ...(role === '' || role.includes('/aws-service-role/') ? {} : { roleArn: role }),
    ...(suspended !== undefined && isSuspended ? { suspended } : {}),
    policies: policies.filter(isOfTarget).map(policyDocument).sort(byName),
    scheduled: scheduled.filter(isOfTarget).map(scheduledDocument).sort(byName),
  };
}

function policyDocument(policy: ScalingPolicy) {
  const type = policy.PolicyType ?? 'TargetTrackingScaling';
  const configuration = policy[configurationMember(type)] ?? {};
  return { name: policy.PolicyName ?? '', type, configuration: configuration as unknown as Json };
}

function scheduledDocument(action: ScheduledAction) {
  return {
    name: action.ScheduledActionName ?? '',
    schedule: action.Schedule ?? '',
    ...(action.Timezone === undefined ? {} : { timezone: action.Timezone }),
    action: action.ScalableTargetAction ?? {},
  };
}

export function configurationMember(type: string) {
  return type === 'StepScaling' ? 'StepScalingPolicyConfiguration' : 'TargetTrackingScalingPolicyConfiguration';
}

export function resourceId(table: Table, index: string): string {
  return index === '' ? `table/${table.name}` : `table/${table.name}/index/${index}`;
}

function indexOf(table: Table, id: string): string {
  const prefix = `table/${table.name}/index/`;
  return id.startsWith(prefix) ? id.slice(prefix.length) : '';
}

export function byPlace(a: ScalingTarget, b: ScalingTarget): number {
  const order = (target: ScalingTarget): string => `${target.index} ${target.dimension}`;
  return order(a) === order(b) ? 0 : order(a) < order(b) ? -1 : 1;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

async function everyPage<Page extends { NextToken?: string | undefined }, Found>(
  fetchPage: (from: { readonly NextToken?: string }) => Promise<Page>,
  foundIn: (page: Page) => readonly Found[] | undefined,
): Promise<Found[]> {
  const found: Found[] = [];
  let token: string | undefined;
  do {
    const page = await fetchPage(token === undefined ? {} : { NextToken: token });
    found.push(...(foundIn(page) ?? []));
    token = page.NextToken === token ? undefined : page.NextToken;
  } while (token !== undefined);
  return found;
}
