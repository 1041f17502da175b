import { z } from 'zod';
import { parseSpan } from '../../kernel/span.ts';
import { spanText } from '../points/options.ts';
import type { PointSettings } from '../points/keeping.ts';

/** `points:` of a source whose recovery points AWS Backup makes. Absent or `false`: none. */
export const optionsWithBackups = z.strictObject({
  points: z
    .union([
      z.literal(false),
      z.strictObject({
        via: z.literal('aws-backup'),
        /** The vault they lie in, in each region that has resources of the source. */
        vault: z.string().min(1),
        /** The role that AWS Backup does it with: its ARN, or its name in the account of the resource. */
        role: z.string().min(1),
        retain: spanText.optional(),
        copyTo: z.string().min(1).optional(),
        /** The vault of copies; absent: called like the other. Its key is the one of the copies. */
        copyVault: z.string().min(1).optional(),
      }),
    ])
    .optional(),
});

export type OptionsWithBackups = z.output<typeof optionsWithBackups>;

/** What the source says about AWS Backup; undefined: no points. */
export function backupsOf({
  points,
}: OptionsWithBackups): Exclude<OptionsWithBackups['points'], false | undefined> | undefined {
  return points === false ? undefined : points;
}

export function backupSettings(options: OptionsWithBackups): PointSettings | undefined {
  const asked = backupsOf(options);
  if (!asked) return undefined;
  const retain = asked.retain === undefined ? undefined : parseSpan(asked.retain);
  return { ...(retain ? { retain } : {}), ...(asked.copyTo === undefined ? {} : { copyTo: asked.copyTo }) };
}
