import type { HoldfastError } from '../../kernel/errors.ts';
import type { SnapshotInfo } from '../contract.ts';

export interface CopySettings {
  /** Snapshots of the source, as its list names them. */
  readonly snapshots: readonly SnapshotInfo[];
  /** Only counts; writes nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export interface CopyReport {
  /** In the order of the source's list. */
  readonly snapshots: readonly CopiedSnapshot[];
  /** Both repositories make the same ids of the same bytes: what the target holds is never read. */
  readonly sameIds: boolean;
}

export interface CopiedSnapshot {
  readonly snapshot: SnapshotInfo;
  /** `present`: the target has it already. `counted`: it would be copied. `failed`: the source cannot give it whole. */
  readonly outcome: 'copied' | 'present' | 'counted' | 'failed';
  /** Bytes of contents that were read here, or would be. */
  readonly bytesRead: number;
  /** Bytes that were added to the target. */
  readonly storedBytes: number;
  /** Of a failed one: what is damaged, and in which resource. */
  readonly error?: HoldfastError;
}
