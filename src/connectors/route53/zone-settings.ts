import type { QueryLoggingConfig, VPC } from '@aws-sdk/client-route-53';
import type { RestoreContext } from '../contract.ts';
import { listQueryLogging } from './listing.ts';
import { bareId } from './names.ts';
import type { Options } from './options.ts';
import { mappedVpc, type TargetZone, type WantedZone } from './target.ts';
import { vpcKey } from './zone.ts';

type Context = RestoreContext<Options>;

/** What differs between a captured zone and the target, besides tags and records, under the restore's mode. */
export interface SettingChanges {
  readonly comment?: string;
  readonly associate: readonly VPC[];
  readonly disassociate: readonly VPC[];
  readonly queryLogging?: { readonly logGroup: string; readonly replaces?: QueryLoggingConfig };
}

export async function settingChanges(
  context: Context,
  wanted: WantedZone,
  target: TargetZone,
): Promise<SettingChanges> {
  const { Comment, VPCs, QueryLogging } = wanted.document;
  const reverts = context.mode !== 'create-missing';
  const vpcs = VPCs?.map((vpc) => mappedVpc(context, vpc)) ?? [];
  const live = new Set(target.vpcs.map(vpcKey));
  const kept = new Set(vpcs.map(vpcKey));
  const queryLogging =
    QueryLogging === undefined ? undefined : await loggingChange(context, context.identity(QueryLogging), target);
  return {
    ...(reverts && target.comment !== Comment ? { comment: Comment } : {}),
    associate: vpcs.filter((vpc) => !live.has(vpcKey(vpc))),
    // Without captured VPCs (they could not be read) none is known to be in excess.
    disassociate:
      context.mode === 'exact' && vpcs.length > 0 ? target.vpcs.filter((vpc) => !kept.has(vpcKey(vpc))) : [],
    ...(queryLogging === undefined ? {} : { queryLogging }),
  };
}

/** For a title: `comment, 2 VPCs, query logging`; empty when nothing differs. */
export function describeSettings(changes: SettingChanges): string {
  const vpcs = changes.associate.length + changes.disassociate.length;
  return [
    ...(changes.comment === undefined ? [] : ['comment']),
    ...(vpcs === 0 ? [] : [`${vpcs} VPC${vpcs === 1 ? '' : 's'}`]),
    ...(changes.queryLogging === undefined ? [] : ['query logging']),
  ].join(', ');
}

async function loggingChange(
  context: Context,
  logGroup: string,
  target: TargetZone,
): Promise<SettingChanges['queryLogging']> {
  const live = (await listQueryLogging(context.aws)).find((config) => bareId(config.HostedZoneId) === target.id);
  if (live === undefined) return { logGroup };
  if (live.CloudWatchLogsLogGroupArn === logGroup || context.mode === 'create-missing') return undefined;
  return { logGroup, replaces: live };
}
