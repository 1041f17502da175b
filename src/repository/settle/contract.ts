import type { ResourceRecord, SourceRecord } from '../contract.ts';

/** What becomes of the records of a snapshot that is settled. */
export interface SettleSettings {
  change(record: ResourceRecord): ResourceRecord;
  /** What its sources say then, made of the records as they are then. */
  sources(before: readonly SourceRecord[], records: readonly ResourceRecord[]): readonly SourceRecord[];
  readonly signal?: AbortSignal;
}
