import type { Backup } from '@aws-sdk/client-backup';
import type { ResourceRef } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { optional, required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { backupClient } from '../backup/calls.ts';
import { pages } from '../documents/pages.ts';
import type { PointContext, PointKeeping } from '../points/keeping.ts';
import { pointName, pointTags, runTag } from '../points/tags.ts';
import { followCopy, waitingCopy } from './copies.ts';
import { pointAt, pointOfJob } from './jobs.ts';
import { backupsOf, backupSettings, type OptionsWithBackups } from './options.ts';
import { backupKind, pointOf, vaultOf } from './recovery-point.ts';
import { roleOf } from './role.ts';

/** A service whose resources AWS Backup makes points of. */
export interface BackedUp {
  covers(ref: ResourceRef): boolean;
  /** Tags of points, by ARN: they are where the service keeps its points, which is not always AWS Backup. Throws item errors. */
  tags(aws: AwsAccess, arns: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
}

type Context = PointContext<OptionsWithBackups>;

/**
 * PointKeeping by jobs of AWS Backup. A point has no name there: ours is made of its vault, the run and the resource, and the
 * same words are the token by which AWS Backup knows a job that it was asked for before.
 */
export function keepBackupPoints({ covers, tags }: BackedUp): PointKeeping<OptionsWithBackups> {
  const clientIn = async ({ aws }: Context, region: string): Promise<Backup> =>
    await backupClient(region === aws.region ? aws : aws.inRegion(region));
  return {
    settings: backupSettings,
    covers,
    async start(context, { ref }) {
      const { aws, run, settings } = context;
      const { vault, role, copyVault } = asked(context);
      const client = await clientIn(context, aws.region);
      const token = pointName(run, ref.id);
      const starting = client.startBackupJob({
        BackupVaultName: vault,
        ResourceArn: ref.id,
        IamRoleArn: role,
        IdempotencyToken: token,
        RecoveryPointTags: pointTags(context, ref.id),
      });
      const { BackupJobId: id = '' } = await required(starting, 'StartBackupJob', `${ref.type}/${ref.name}`);
      const begun = {
        kind: backupKind,
        id,
        name: `${vault}/${token}`,
        region: aws.region,
        state: 'pending',
        run,
      } as const;
      const { copyTo } = settings;
      const copies = copyTo === undefined || copyTo === aws.region ? [] : [waitingCopy(begun, copyTo, copyVault)];
      return [await pointOfJob(client, begun), ...copies];
    },
    async follow(context, ref, point) {
      const client = await clientIn(context, point.region);
      if (point.copyOf !== undefined) {
        const home = await clientIn(context, context.aws.region);
        const place = { client, home, role: asked(context).role, resource: `${ref.type}/${ref.name}` };
        return await followCopy(context, place, point);
      }
      return await (point.id.startsWith('arn:') ? pointAt(client, point) : pointOfJob(client, point));
    },
    async list(context, { ref }) {
      const { vault, copyVault } = asked(context);
      const { aws, settings } = context;
      const found = await pointsIn(context, aws.region, vault, ref);
      const { copyTo } = settings;
      if (copyTo === undefined || copyTo === aws.region) return found;
      return [...found, ...(await pointsIn(context, copyTo, copyVault, ref))];
    },
    async remove(context, point) {
      const client = await clientIn(context, point.region);
      const place = { BackupVaultName: vaultOf(point), RecoveryPointArn: point.id };
      const describing = client.describeRecoveryPoint(place);
      const there = await optional(describing, 'DescribeRecoveryPoint', point.name, 'ResourceNotFoundException');
      if (!there) return;
      // Asked at the last moment: tags say whose it is, and they may have been taken off.
      const own = await tags(context.aws.inRegion(point.region), [point.id]);
      if (own.get(point.id)?.[runTag] === undefined || isOfPlan(there))
        throw new HoldfastError('item.conflict', `${point.name} carries no tag of Holdfast and is left alone`, {
          resource: point.name,
          hint: 'Delete it by hand in AWS Backup, if nobody needs it.',
        });
      const deleting = client.deleteRecoveryPoint(place);
      await optional(deleting, 'DeleteRecoveryPoint', point.name, 'ResourceNotFoundException');
    },
  };

  /** Those of the resource in one vault. Tags are asked for of what no plan has made. */
  async function pointsIn(context: Context, region: string, vault: string, ref: ResourceRef): Promise<RecoveryPoint[]> {
    const client = await clientIn(context, region);
    const ask = (NextToken?: string) =>
      required(
        client.listRecoveryPointsByBackupVault({ BackupVaultName: vault, ByResourceArn: ref.id, NextToken }),
        'ListRecoveryPointsByBackupVault',
        `${ref.type}/${ref.name}`,
      );
    const found: RecoveryPoint[] = [];
    for await (const { RecoveryPoints = [] } of pages(ask, (page) => page.NextToken)) {
      const perhaps = RecoveryPoints.filter((one) => !isOfPlan(one)).map(
        ({ RecoveryPointArn = '' }) => RecoveryPointArn,
      );
      const own = perhaps.length === 0 ? undefined : await tags(context.aws.inRegion(region), perhaps);
      for (const one of RecoveryPoints) {
        const run = own?.get(one.RecoveryPointArn ?? '')?.[runTag];
        found.push(pointOf(one, region, run === undefined ? {} : { run, name: `${vault}/${pointName(run, ref.id)}` }));
      }
    }
    return found;
  }
}

/** A plan of AWS Backup made it: it is not ours, whatever tags it inherited from its resource. */
function isOfPlan({
  CreatedBy,
}: {
  readonly CreatedBy?: { readonly BackupPlanId?: string | undefined } | undefined;
}): boolean {
  return CreatedBy?.BackupPlanId !== undefined;
}

/** What the source asks for, with the role by its ARN. */
function asked(context: Context): { readonly vault: string; readonly role: string; readonly copyVault: string } {
  const said = backupsOf(context.options);
  const role = roleOf(context);
  if (!said || role === undefined)
    throw new HoldfastError('internal.bug', 'recovery points by AWS Backup were not asked for');
  const { vault, copyVault = vault } = said;
  return { vault, copyVault, role };
}
