import { z } from 'zod';
import { parseSpan } from '../../kernel/span.ts';
import type { PointSettings } from './keeping.ts';

/** A time such as `7d`. */
export const spanText = z
  .string()
  .refine((text) => parseSpan(text) !== undefined, 'it must be a time such as 7d, 2w or 1y6m');

/** `points:` of a source: `true`, or what is to become of them. Absent or `false`: none. */
export const pointsOption = z
  .union([
    z.boolean(),
    z.strictObject({
      retain: spanText.optional(),
      copyTo: z.string().min(1).optional(),
      kmsKey: z.string().min(1).optional(),
    }),
  ])
  .optional();

/** Options of a source with recovery points and nothing else. */
export const optionsWithPoints = z.strictObject({ points: pointsOption });

export type OptionsWithPoints = z.output<typeof optionsWithPoints>;

/** What the option asks for; undefined: no points. */
export function pointSettings({ points }: OptionsWithPoints): PointSettings | undefined {
  if (points === undefined || points === false) return undefined;
  if (points === true) return {};
  const retain = points.retain === undefined ? undefined : parseSpan(points.retain);
  const { copyTo, kmsKey } = points;
  return {
    ...(retain ? { retain } : {}),
    ...(copyTo === undefined ? {} : { copyTo }),
    ...(kmsKey === undefined ? {} : { kmsKey }),
  };
}
