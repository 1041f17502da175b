import type { ResourceRecord, SourceRecord } from '../contract.ts';

/** Whether a snapshot of these lacks something: a resource that is not whole, or one that was listed and is not there. */
export function isPartial(records: readonly ResourceRecord[], sources: readonly SourceRecord[]): boolean {
  return (
    records.some(({ outcome }) => outcome === 'partial') ||
    sources.some(
      (source) => source.failures.length > 0 || source.partial > 0 || (source.expected ?? 0) > source.captured,
    )
  );
}
