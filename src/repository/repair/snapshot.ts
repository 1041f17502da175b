import { utf8 } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import { resourceKey } from '../../kernel/entry.ts';
import type { ResourceRecord, SourceRecord, Totals } from '../contract.ts';
import { checksumOf, decodeResource, encodeResource, type Roots } from '../session/record.ts';
import type { SnapshotDocument } from '../snapshots.ts';
import type { PageItem, TreeRef } from '../tree/page.ts';
import { createTreeWriter } from '../tree/writer.ts';
import { failuresKept, isLost, rebuildCollection, survivors, type Lost, type TreeTools } from './trees.ts';

/** Tag of a repaired snapshot: the id of the damaged one. */
export const repairedFrom = 'repaired-from';

export interface RebuiltSnapshot {
  readonly info: Omit<SnapshotDocument['info'], 'id'>;
  readonly sources: readonly SourceRecord[];
  /** Undefined: not one resource is left. */
  readonly root: TreeRef | undefined;
  readonly resources: { readonly whole: number; readonly partial: number; readonly lost: number };
  readonly lost: number;
}

interface Rebuilt {
  readonly value: Uint8Array;
  readonly record: ResourceRecord;
  /** Entries. */
  readonly lost: number;
}

/**
 * The same snapshot with everything in it that can be read: whole resources as they are, damaged ones with the entries that are
 * whole and a failure for each that is not, and a failure per source for resources of which nothing is left. It takes the times
 * of the damaged one, so that it stands beside it. Equal damage gives an equal tree.
 */
export async function rebuildSnapshot(
  tools: TreeTools,
  document: SnapshotDocument,
  breathe: () => Promise<void> | undefined,
): Promise<RebuiltSnapshot> {
  const tree = createTreeWriter(tools.store);
  const found = new Map<string, { captured: number; partial: number }>();
  const totals = { resources: 0, entries: 0, bytes: 0, reused: 0 };
  const resources = { whole: 0, partial: 0, lost: 0 };
  let lost = 0;
  for await (const one of document.root ? survivors(tools.chunks, document.root) : []) {
    const rebuilt = isLost(one) ? undefined : await rebuildResource(tools, one);
    if (!rebuilt) {
      resources.lost += isLost(one) ? one.count : 1;
      continue;
    }
    const { record } = rebuilt;
    tree.add(utf8(resourceKey(record.ref)), rebuilt.value, record.bytes);
    resources[rebuilt.lost > 0 ? 'partial' : 'whole']++;
    lost += rebuilt.lost;
    totals.resources++;
    totals.entries += record.entries;
    totals.bytes += record.bytes;
    totals.reused += record.reused;
    const source = found.get(record.source) ?? { captured: 0, partial: 0 };
    source.captured++;
    if (record.outcome === 'partial') source.partial++;
    found.set(record.source, source);
    await breathe();
  }
  const { info } = document;
  lost = Math.max(lost, info.totals.entries - totals.entries);
  return {
    info: rebuiltInfo(info, totals),
    sources: document.sources.map((source) => rebuiltSource(source, found.get(source.source))),
    root: tree.finish(),
    resources,
    lost,
  };
}

function rebuiltInfo(
  { id, ...info }: SnapshotDocument['info'],
  totals: Omit<Totals, 'storedBytes'>,
): RebuiltSnapshot['info'] {
  return {
    ...info,
    outcome: 'partial',
    tags: { ...info.tags, [repairedFrom]: id },
    totals: { ...totals, storedBytes: 0 },
  };
}

function rebuiltSource(
  source: SourceRecord,
  found: { captured: number; partial: number } = { captured: 0, partial: 0 },
): SourceRecord {
  const lost = source.captured - found.captured;
  if (lost <= 0) return { ...source, ...found };
  const message = `${lost} resources were lost with damaged objects of the repository`;
  return { ...source, ...found, failures: [...source.failures, { code: 'repository.corrupt', message }] };
}

/** Undefined where its record cannot be read. */
async function rebuildResource(tools: TreeTools, { value }: PageItem): Promise<Rebuilt | undefined> {
  let resource;
  try {
    resource = decodeResource(value);
  } catch (error) {
    if (isCode(error, 'repository.corrupt')) return undefined;
    throw error;
  }
  const roots = new Map<string, TreeRef>();
  const failures: ResourceRecord['failures'][number][] = [];
  let lost = 0;
  for (const [name, ref] of resource.roots) {
    const rebuilt = await rebuildCollection(tools, ref);
    if (rebuilt.root) roots.set(name, rebuilt.root);
    lost += rebuilt.lost;
    for (const one of rebuilt.first) failures.push(failureOf(name, one));
  }
  if (lost === 0) return { value, record: resource.record, lost };
  const record = rebuiltRecord(resource.record, roots, failures, lost);
  return { value: encodeResource(record, roots), record, lost };
}

function failureOf(collection: string, { count, key }: Lost): ResourceRecord['failures'][number] {
  const code = 'repository.corrupt';
  if (key !== undefined) {
    const item = collection === '' ? key : `${collection}/${key}`;
    return { code, message: 'its content was lost with a damaged object of the repository', item };
  }
  const message = `${count} entries were lost with a page of their tree`;
  return collection === '' ? { code, message } : { code, message, item: collection };
}

function rebuiltRecord(
  record: ResourceRecord,
  roots: Roots,
  failures: ResourceRecord['failures'],
  lost: number,
): ResourceRecord {
  const all = [...roots.values()];
  const entries = all.reduce((sum, root) => sum + root.entries, 0);
  return {
    ...record,
    outcome: 'partial',
    entries,
    bytes: all.reduce((sum, root) => sum + root.bytes, 0),
    reused: Math.min(record.reused, entries),
    checksum: checksumOf(roots),
    failures: [...record.failures, ...failures].slice(0, failuresKept),
    failed: record.failed + lost,
  };
}
