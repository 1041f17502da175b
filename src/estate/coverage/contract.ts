import type { ErrorRecord } from '../../kernel/errors.ts';

/** Why something is not protected. Ordered: the first that applies is told. */
export type GapReason =
  /** No connector knows its type. */
  | 'no-connector'
  /** A connector knows it; no source of the configuration has its type. */
  | 'no-source'
  /** Its source leaves it out by name. */
  | 'excluded'
  /** No backup plan selects it. Only where the configuration has plans. */
  | 'no-plan'
  /** No snapshot holds it. */
  | 'never-captured'
  /** The newest snapshot that holds it is too old. */
  | 'stale'
  /** The newest snapshot that holds it could not read all of it. */
  | 'partial';

export interface CoverageGap {
  /** `type/name`, or the ARN where no connector knows it. */
  readonly resource: string;
  readonly reason: GapReason;
  readonly region: string;
  readonly account: string;
  readonly site?: string;
  /** When the newest snapshot that holds it began: ISO time. */
  readonly capturedAt?: string;
}

export interface CoverageReport {
  readonly schema: 1;
  readonly estate: string;
  /** A snapshot older than this protects nothing: ms. */
  readonly within: number;
  readonly existing: number;
  readonly protected: number;
  /** Of these, what no snapshot protects and AWS Backup has a point of, not older than `within`. */
  readonly byAwsBackup: number;
  readonly gaps: readonly CoverageGap[];
  /** Where the accounts were asked, and what each list cannot see. */
  readonly lists: readonly { readonly name: string; readonly found: number; readonly limits: string }[];
  /** Lists that could not be had: what is in them is not in this report. */
  readonly failures: readonly ErrorRecord[];
}

export interface CoverageSettings {
  /** ms; default seven days. */
  readonly within: number;
  readonly site?: string;
}
