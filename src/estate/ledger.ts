import { compactJson } from '../kernel/json.ts';
import { resourceKey, type LedgerClass, type LedgerNote } from '../kernel/entry.ts';
import type { ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { LedgerReport, Selection } from './contract.ts';
import type { LedgerLine } from './restore-contract.ts';
import { compileSelection } from './selection.ts';
import { findUncaptured } from './uncaptured.ts';

const again = 'Remove the cause and run holdfast snapshot again; an earlier snapshot may hold it.';

/**
 * What of a snapshot would not come back unchanged, known now. `counts` counts entries: those that no line speaks of count
 * as exact.
 */
export async function readLedger(reader: SnapshotReader, selection: Selection): Promise<LedgerReport> {
  const selected = compileSelection(selection);
  const counts: Record<LedgerClass, number> = { exact: 0, 'new-identity': 0, 'needs-human': 0, lost: 0 };
  const lines: LedgerLine[] = [];
  for await (const record of reader.resources()) {
    const { ref, source, site } = record;
    if (!selected.has({ source, type: ref.type, names: [ref.name], site })) continue;
    const own = linesOf(record);
    lines.push(...own);
    for (const line of own) counts[line.class] += line.count ?? 1;
    const spokenOf = own.reduce((sum, line) => sum + (line.count ?? 1), 0);
    counts.exact += Math.max(0, record.entries - spokenOf);
  }
  for (const { resource, reason } of findUncaptured(reader, [], ({ source, type }) =>
    selected.hasSource({ name: source, type }),
  )) {
    lines.push({ resource, class: 'lost', what: 'the source', why: reason, action: again });
    counts.lost++;
  }
  return { schema: 1, snapshot: reader.info.id, counts, lines };
}

/** What failed while capturing is in no snapshot, so it cannot come back from this one. */
function linesOf(record: ResourceRecord): LedgerLine[] {
  const key = resourceKey(record.ref);
  const lines = record.ledger.map((note) => noteLine(key, note));
  const [first] = record.failures;
  if (record.failed === 0) return lines;
  return [
    ...lines,
    {
      resource: key,
      class: 'lost',
      what: 'items that could not be captured',
      why: first?.message ?? 'see the manifest',
      action: again,
      count: record.failed,
    },
  ];
}

export function noteLine(resource: string, note: LedgerNote): LedgerLine {
  return { resource, ...note };
}

/** What several actions of a resource say alike, once. */
export function withoutDoubles(lines: readonly LedgerLine[]): LedgerLine[] {
  return [...new Map(lines.map((line) => [compactJson([line.resource, line.class, line.what]), line])).values()];
}
