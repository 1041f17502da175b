import type { DescribeRecoveryPointOutput, RecoveryPointStatus } from '@aws-sdk/client-backup';
import type { PointState, RecoveryPoint } from '../../kernel/recovery-point.ts';

export const backupKind = 'aws-backup-point';

const states: Readonly<Record<RecoveryPointStatus, PointState>> = {
  COMPLETED: 'available',
  /** Of continuous backups, which go on. */
  AVAILABLE: 'available',
  CREATING: 'pending',
  STOPPED: 'failed',
  PARTIAL: 'failed',
  EXPIRED: 'failed',
  DELETING: 'gone',
};

/** What a description and a listing say alike. */
export type Described = Pick<
  DescribeRecoveryPointOutput,
  | 'RecoveryPointArn'
  | 'BackupVaultName'
  | 'Status'
  | 'StatusMessage'
  | 'CreationDate'
  | 'CompletionDate'
  | 'BackupSizeInBytes'
  | 'CalculatedLifecycle'
  | 'EncryptionKeyArn'
  | 'CreatedBy'
>;

/** A point as AWS Backup describes it. `name`, of one of ours, stands for the name that AWS Backup does not give. */
export function pointOf(
  one: Described,
  region: string,
  own: { readonly run?: string; readonly name?: string },
): RecoveryPoint {
  const { RecoveryPointArn: id = '', BackupVaultName: vault = '', Status = 'CREATING', CalculatedLifecycle } = one;
  const state = states[Status] ?? 'pending';
  const said = one.StatusMessage === undefined ? '' : `: ${one.StatusMessage}`;
  return {
    kind: backupKind,
    id,
    name: own.name ?? `${vault}/${tailOf(id)}`,
    region,
    state,
    ...(own.run === undefined ? {} : { run: own.run }),
    ...(one.CreationDate ? { at: one.CreationDate.getTime(), startedAt: one.CreationDate.getTime() } : {}),
    ...(one.CompletionDate ? { completedAt: one.CompletionDate.getTime() } : {}),
    ...(CalculatedLifecycle?.DeleteAt ? { expiresAt: CalculatedLifecycle.DeleteAt.getTime() } : {}),
    ...(one.EncryptionKeyArn === undefined ? {} : { kmsKey: one.EncryptionKeyArn }),
    ...(one.BackupSizeInBytes === undefined ? {} : { bytes: one.BackupSizeInBytes }),
    ...(state === 'available' ? {} : { reason: `AWS Backup says ${Status}${said}` }),
  };
}

/** `main/holdfast-…` → `main`. */
export function vaultOf({ name }: Pick<RecoveryPoint, 'name'>): string {
  return name.slice(0, name.lastIndexOf('/'));
}

function tailOf(arn: string): string {
  return /[^:/]+$/.exec(arn)?.[0] ?? arn;
}
