import type { LedgerNote } from '../../kernel/entry.ts';
import type { Address, Documents } from '../documents/contract.ts';
import type { BackupOptions } from './options.ts';
import { lockFile, type Lock } from './vault-lock.ts';

const contents: LedgerNote = {
  class: 'needs-human',
  what: 'recovery points in the vault',
  why: 'They stay in AWS Backup; a vault that is created again is empty.',
  action:
    'Have them copied to a vault in another region and account (copy actions of a plan, copyTo of points), and restore from there.',
};

/** What of a vault does not come back as it was. */
export function vaultNotes(documents: Documents, _: Address, options: BackupOptions): readonly LedgerNote[] {
  const lock = documents.get(lockFile) as Lock | undefined;
  if (lock?.mode !== 'compliance') return [contents];
  const forGood: LedgerNote = options.complianceLocks
    ? {
        class: 'needs-human',
        what: 'lock in compliance mode',
        why: 'It is put on again with three days to change it; afterwards nobody can take it away.',
        action: 'Look at it within those three days.',
      }
    : {
        class: 'needs-human',
        what: 'lock in compliance mode',
        why: 'It cannot be undone, so it is not put on unasked: a vault that is created again is locked in governance mode.',
        action:
          'Set complianceLocks: true for this source, or lock the vault yourself (PutBackupVaultLockConfiguration).',
      };
  return [contents, forGood];
}

export function airGappedNotes(): readonly LedgerNote[] {
  return [contents];
}
