import { z } from 'zod';
import { keepPeriods, type KeepPeriod, type KeepRules } from '../kernel/keep-rules.ts';

/** The `repository:` key of holdfast.yaml: an address, or a map with how new objects are written. */

const address = z.string().min(1, 'must not be empty');

/** Classes of S3 that data packs may be written to; all other objects stay in STANDARD. */
const dataClasses = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;
export type DataClass = (typeof dataClasses)[number];

const lockModes = ['governance', 'compliance'] as const;

const lock = z.strictObject({
  mode: z.enum(lockModes),
  days: z.number().int().min(1).max(36_500),
  ahead: z.number().int().min(0).max(3650).optional(),
  // Said by who runs `holdfast lock extend` on a schedule: then a lock may be shorter than what plans keep.
  rolling: z.boolean().optional(),
});

function shards(most: number): z.ZodNumber {
  return z.number().int().min(1).max(most, `at most ${most}`);
}

const extended = z.strictObject({
  address,
  'storage-class': z.strictObject({ data: z.enum(dataClasses) }).optional(),
  lock: lock.optional(),
  parity: z.strictObject({ data: shards(128), parity: shards(32) }).optional(),
});

export const repositoryGrammar = z.union([address, extended], { error: 'expected an address or a map with one' });

/** How objects are locked: `src/repository/lock/contract.ts` says what it means. */
export interface LockConfig {
  readonly mode: (typeof lockModes)[number];
  readonly days: number;
  readonly ahead?: number;
}

/** How new objects of the repository are written, as the configuration says. */
export interface RepositoryConfig {
  /** Absent: STANDARD. Stores without classes ignore it. */
  readonly dataClass?: DataClass;
  /** Redundancy beside each pack, for disks that lose bits; absent: none. */
  readonly parity?: { readonly data: number; readonly parity: number };
  /** Absent: nothing is locked. */
  readonly lock?: LockConfig;
}

export function repositoryAddress(written: z.output<typeof repositoryGrammar>): string {
  return typeof written === 'string' ? written : written.address;
}

export function repositoryConfig(written: z.output<typeof repositoryGrammar>): RepositoryConfig {
  if (typeof written === 'string') return {};
  const dataClass = written['storage-class']?.data;
  const { lock, parity } = written;
  return {
    ...(dataClass === undefined ? {} : { dataClass }),
    ...(lock === undefined ? {} : { lock: lockConfig(lock) }),
    ...(parity === undefined ? {} : { parity }),
  };
}

function lockConfig({ mode, days, ahead }: z.output<typeof lock>): LockConfig {
  return { mode, days, ...(ahead === undefined ? {} : { ahead }) };
}

// How far apart the snapshots of a rule may lie, in days.
const apart: Readonly<Record<KeepPeriod, number>> = {
  last: 0,
  hourly: 1 / 24,
  daily: 1,
  weekly: 7,
  monthly: 31,
  yearly: 366,
};

/**
 * Why a lock ends before what a plan promises to keep; undefined where it does not. With `rolling` the locks are extended
 * as long as a snapshot is kept.
 */
export function lockTooShort(
  written: z.output<typeof repositoryGrammar>,
  plans: Readonly<Record<string, { readonly keep?: KeepRules }>>,
): string | undefined {
  const asked = typeof written === 'string' ? undefined : written.lock;
  if (asked === undefined || asked.rolling === true) return undefined;
  for (const [name, { keep }] of Object.entries(plans)) {
    const days = keep === undefined ? 0 : daysPromised(keep);
    if (days <= asked.days) continue;
    return `the plan ${name} keeps snapshots for ${days} days: lock for as long, or say rolling: true and run holdfast lock extend on a schedule`;
  }
  return undefined;
}

function daysPromised({ count, within }: KeepRules): number {
  const counted = keepPeriods.map((period) => (count[period] ?? 0) * apart[period]);
  const spans = keepPeriods.map((period) => {
    const span = within[period];
    return span ? span.years * 366 + span.months * 31 + span.weeks * 7 + span.days + span.hours / 24 : 0;
  });
  return Math.ceil(Math.max(...counted, ...spans));
}
