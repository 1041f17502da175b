import type {
  ApplicationAutoScaling,
  PutScalingPolicyCommandInput,
  ScalableDimension,
} from '@aws-sdk/client-application-auto-scaling';
import { compactJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { byPlace, configurationMember, resourceId, type ScalingTarget } from './autoscaling.ts';
import type { Table } from './tables.ts';

/** Registers what is wanted, then removes what is not; both may be run again. */
export async function writeAutoscaling(
  client: ApplicationAutoScaling,
  table: Table,
  wanted: readonly ScalingTarget[],
  current: readonly ScalingTarget[],
): Promise<void> {
  for (const target of wanted) {
    const before = current.find((candidate) => byPlace(candidate, target) === 0);
    if (before === undefined || compactJson(toJson(before)) !== compactJson(toJson(target))) {
      await writeTarget(client, table, target, before);
    }
  }
  for (const target of current) {
    if (wanted.some((candidate) => byPlace(candidate, target) === 0)) continue;
    // Its policies and scheduled actions go with it.
    await required(client.deregisterScalableTarget(place(table, target)), 'DeregisterScalableTarget', table.resource);
  }
}

async function writeTarget(
  client: ApplicationAutoScaling,
  table: Table,
  target: ScalingTarget,
  before: ScalingTarget | undefined,
): Promise<void> {
  const where = place(table, target);
  const { resource } = table;
  await required(
    client.registerScalableTarget({
      ...where,
      MinCapacity: target.min,
      MaxCapacity: target.max,
      ...(target.roleArn === undefined ? {} : { RoleARN: target.roleArn }),
      ...(target.suspended === undefined ? {} : { SuspendedState: target.suspended }),
    }),
    'RegisterScalableTarget',
    resource,
  );
  for (const { name, type, configuration } of target.policies) {
    await required(
      client.putScalingPolicy({
        ...where,
        PolicyName: name,
        PolicyType: type as NonNullable<PutScalingPolicyCommandInput['PolicyType']>,
        [configurationMember(type)]: configuration,
      }),
      'PutScalingPolicy',
      resource,
    );
  }
  for (const { name, schedule, timezone, action } of target.scheduled) {
    await required(
      client.putScheduledAction({
        ...where,
        ScheduledActionName: name,
        Schedule: schedule,
        ScalableTargetAction: action,
        ...(timezone === undefined ? {} : { Timezone: timezone }),
      }),
      'PutScheduledAction',
      resource,
    );
  }
  for (const { name } of before?.policies ?? []) {
    if (target.policies.some((policy) => policy.name === name)) continue;
    await required(client.deleteScalingPolicy({ ...where, PolicyName: name }), 'DeleteScalingPolicy', resource);
  }
  for (const { name } of before?.scheduled ?? []) {
    if (target.scheduled.some((action) => action.name === name)) continue;
    const gone = client.deleteScheduledAction({ ...where, ScheduledActionName: name });
    await required(gone, 'DeleteScheduledAction', resource);
  }
}

function place(table: Table, target: ScalingTarget) {
  return {
    ServiceNamespace: 'dynamodb',
    ResourceId: resourceId(table, target.index),
    ScalableDimension: target.dimension as ScalableDimension,
  } as const;
}

function toJson(target: ScalingTarget): Json {
  return target as unknown as Json;
}
