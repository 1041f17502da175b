import type { Backup, RecoveryPointByBackupVault } from '@aws-sdk/client-backup';
import { isItemError, type HoldfastError } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { backupClient } from '../backup/calls.ts';
import { pages } from '../documents/pages.ts';
import { pointOf } from './recovery-point.ts';

/** A point that one can restore from and that lies in a vault, whoever had it made. */
export interface HeldPoint {
  readonly point: RecoveryPoint;
  /** A plan of AWS Backup made it, unasked. */
  readonly isOfPlan: boolean;
}

/** By the ARN of the resource, the newest first. */
export type HeldPoints = ReadonlyMap<string, readonly HeldPoint[]>;

/** A plan that runs each hour for years leaves thousands; nobody looks through more than the newest. */
const mostOfResource = 10;

/**
 * What the vaults of one account and region hold, a page at a time: with few vaults and many resources that is fewer calls than
 * asking for each resource. A vault that is refused costs what is in it: `failed` is told, and the others are listed.
 */
export async function heldPoints(aws: AwsAccess, failed: (error: HoldfastError) => void): Promise<HeldPoints> {
  const found = new Map<string, HeldPoint[]>();
  try {
    const client = await backupClient(aws);
    const ask = (NextToken?: string) => required(client.listBackupVaults({ NextToken }), 'ListBackupVaults', 'backup');
    for await (const { BackupVaultList = [] } of pages(ask, (page) => page.NextToken))
      for (const { BackupVaultName: vault = '' } of BackupVaultList)
        await tolerant(readVault(client, vault, aws.region, found), failed);
  } catch (error) {
    if (!isItemError(error)) throw error;
    failed(error);
  }
  return found;
}

async function tolerant(reading: Promise<void>, failed: (error: HoldfastError) => void): Promise<void> {
  try {
    await reading;
  } catch (error) {
    if (!isItemError(error)) throw error;
    failed(error);
  }
}

async function readVault(
  client: Backup,
  BackupVaultName: string,
  region: string,
  found: Map<string, HeldPoint[]>,
): Promise<void> {
  const ask = (NextToken?: string) =>
    required(
      client.listRecoveryPointsByBackupVault({ BackupVaultName, MaxResults: 1000, NextToken }),
      'ListRecoveryPointsByBackupVault',
      `backup/vaults/${BackupVaultName}`,
    );
  for await (const { RecoveryPoints = [] } of pages(ask, (page) => page.NextToken))
    for (const one of RecoveryPoints) take(one, region, found);
}

function take(one: RecoveryPointByBackupVault, region: string, found: Map<string, HeldPoint[]>): void {
  const { ResourceArn } = one;
  const point = pointOf(one, region, {});
  if (ResourceArn === undefined || point.state !== 'available') return;
  const held = found.get(ResourceArn) ?? [];
  held.push({ point, isOfPlan: one.CreatedBy?.BackupPlanId !== undefined });
  held.sort((a, b) => timeOf(b) - timeOf(a));
  found.set(ResourceArn, held.slice(0, mostOfResource));
}

function timeOf({ point }: HeldPoint): number {
  return point.at ?? 0;
}
