import type { MarkReason } from '../marks/mark.ts';

export interface PruneSettings {
  /** Changes nothing and says what would be done, by this machine's clock. */
  readonly dryRun?: boolean;
  /** Share of the bytes in use that may lie unused in packs that stay; beyond it packs are rewritten. Default 0.1. */
  readonly maxUnused?: number;
  /** At most so many bytes are read to rewrite packs. Default: no limit. 0: none. */
  readonly maxRewriteBytes?: number;
  /** Rewrites packs in archive classes too, which must have been thawed. Default: they are left as they are. */
  readonly archived?: boolean;
  /** Between mark and deletion, ms. Default, and the least: the longest session and an hour. */
  readonly grace?: number;
  readonly signal?: AbortSignal;
}

export interface PackCount {
  readonly packs: number;
  readonly bytes: number;
}

/** A mark whose packs are not deleted yet. Times are the store's, ms since the epoch. */
export interface WaitingMark extends PackCount {
  readonly id: string;
  readonly markedAt: number;
  /** When it may be executed. */
  readonly until: number;
}

export interface PruneReport {
  readonly dryRun: boolean;
  /** All packs in the store when it began, and how much of them snapshots and unfinished sessions need. */
  readonly stored: PackCount;
  readonly neededBytes: number;
  /** What was marked now, by reason. In a dry run, what would be. */
  readonly marked: Readonly<Record<MarkReason, PackCount>>;
  /** Marks of this and earlier runs that wait for their time, oldest first. */
  readonly waiting: readonly WaitingMark[];
  /** Packs deleted now. */
  readonly swept: PackCount;
  /** Packs of due marks that came to be needed again: they stay. */
  readonly spared: PackCount;
  /** What was read and stored again of packs partly in use, or too small. */
  readonly rewritten: PackCount & { readonly intoPacks: number; readonly intoBytes: number };
  /** What would have been deleted or rewritten, but is kept by a retention lock, or lies in an archive class. */
  readonly locked: PackCount;
  readonly archived: PackCount;
  readonly indexes: { readonly before: number; readonly after: number };
}

export const noPacks: PackCount = { packs: 0, bytes: 0 };

export function countPacks(packs: Iterable<{ readonly size: number }>): PackCount {
  let count = 0;
  let bytes = 0;
  for (const { size } of packs) {
    count++;
    bytes += size;
  }
  return { packs: count, bytes };
}
