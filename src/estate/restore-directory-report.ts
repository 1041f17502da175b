import { resourceKey } from '../kernel/entry.ts';
import { toRecord } from '../kernel/errors.ts';
import type { ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { LedgerLine, RestoreReport } from './restore-contract.ts';
import type { WrittenResource } from './restore-resource.ts';
import type { RestoreScope } from './restore-scope.ts';
import type { Uncaptured } from './uncaptured.ts';

/** What a restore to a directory did; `results` by `type/name`. */
export function reportOf(
  reader: SnapshotReader,
  scope: RestoreScope,
  results: ReadonlyMap<string, WrittenResource>,
  uncaptured: readonly Uncaptured[],
): RestoreReport {
  const all = [...results.values()];
  const failures = all.flatMap((result) => result.failures);
  const ledger = scope.records.flatMap((record) => linesOf(record, results.get(resourceKey(record.ref))));
  return {
    schema: 1,
    snapshot: reader.info.id,
    outcome: failures.length > 0 || uncaptured.length > 0 ? 'partial' : 'complete',
    applied: all.filter((result) => result.failures.length === 0).length,
    unchanged: 0,
    items: all.reduce((sum, result) => sum + result.entries, 0),
    bytes: all.reduce((sum, result) => sum + result.bytes, 0),
    ledger,
    identities: [],
    failures: failures.map(toRecord),
    uncaptured,
  };
}

function linesOf(record: ResourceRecord, written: WrittenResource | undefined): LedgerLine[] {
  const resource = resourceKey(record.ref);
  const lines: LedgerLine[] = [];
  if (written && written.entries > 0)
    lines.push({ resource, class: 'exact', what: 'entries written', count: written.entries });
  for (const failure of written?.failures ?? [])
    lines.push({
      resource,
      class: 'needs-human',
      what: failure.resource ?? 'an entry',
      why: failure.message,
      action: failure.hint,
    });
  return lines;
}
