import type { Backup, BackupVaultListMember } from '@aws-sdk/client-backup';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import type { BackupOptions } from './options.ts';

export const lockFile = 'lock.json';

/** What a lock says; of a vault in compliance mode nobody can take it away. */
export interface Lock {
  readonly mode: 'governance' | 'compliance';
  readonly MinRetentionDays?: number;
  readonly MaxRetentionDays?: number;
}

/** The shortest time, in days, that AWS Backup leaves to change one's mind about compliance mode. */
const changeable = 3;

type Reader = (
  scene: Scene<Backup, BackupOptions>,
  address: Address,
  listed?: Json,
) => Promise<Pick<BackupVaultListMember, 'Locked' | 'LockDate' | 'MinRetentionDays' | 'MaxRetentionDays'>>;

/** How long points must and may be kept, and whether that can be changed. The mode is not compared: see `write`. */
export function lockPart(vaultAt: Reader): DocumentPart<Backup, BackupOptions> {
  return {
    file: lockFile,
    phase: 'settle',
    async read(scene, address, listed) {
      const vault = await vaultAt(scene, address, listed);
      if (vault.Locked !== true) return undefined;
      const mode = vault.LockDate === undefined ? 'governance' : 'compliance';
      return { mode, ...pick(vault, 'MinRetentionDays', 'MaxRetentionDays') };
    },
    comparable(document) {
      const { mode: _, ...days } = document as unknown as Lock;
      return { ...days };
    },
    async write({ client, options }, { name, resource }, wanted, live) {
      if (wanted === undefined) {
        const unlocking = client.deleteBackupVaultLockConfiguration({ BackupVaultName: name });
        await required(unlocking, 'DeleteBackupVaultLockConfiguration', resource);
        return;
      }
      const { mode, ...days } = wanted as unknown as Lock;
      // What nobody can undo is done where it was asked for only; the ledger says so. A lock that somebody put on so stays so.
      const isAsked = mode === 'compliance' && options.complianceLocks === true;
      const isForGood = isAsked || (live as Lock | undefined)?.mode === 'compliance';
      const locking = client.putBackupVaultLockConfiguration({
        BackupVaultName: name,
        ...days,
        ...(isForGood ? { ChangeableForDays: changeable } : {}),
      });
      await required(locking, 'PutBackupVaultLockConfiguration', resource);
    },
  };
}
