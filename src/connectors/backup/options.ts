import { z } from 'zod';

export const backupOptions = z.strictObject({
  /**
   * A vault that was locked in compliance mode is locked so again, which nobody can undo once three days have passed. Absent
   * or `false`: it is locked in governance mode, and the ledger says so.
   */
  complianceLocks: z.boolean().optional(),
});

export type BackupOptions = z.output<typeof backupOptions>;
