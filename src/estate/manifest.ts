import { createHash } from 'node:crypto';
import type { ResourceRecord, SnapshotReader, SourceRecord } from '../repository/contract.ts';
import { manifestBarriers, manifestMoments } from './manifest-moments.ts';
import { manifestPoints } from './points/manifest.ts';
import type { Manifest, ManifestComponent } from './contract.ts';
import { siteTotals } from './site-totals.ts';

export { renderManifest } from './manifest-text.ts';

/** What a manifest is made of: a snapshot, or the session that stored it. */
export interface ManifestSource extends Pick<SnapshotReader, 'info' | 'sources'> {
  resources(): AsyncIterable<ResourceRecord> | Iterable<ResourceRecord>;
}

/** The manifest of a snapshot: one component per source, with every resource it captured. */
export async function buildManifest(reader: ManifestSource): Promise<Manifest> {
  const resources = new Map<string, ResourceRecord[]>();
  for await (const record of reader.resources()) {
    const known = resources.get(record.source);
    if (known) known.push(record);
    else resources.set(record.source, [record]);
  }
  const { info } = reader;
  const listed = reader.sources.map((source) =>
    componentOf(source, resources.get(source.source) ?? [], info.startedAt),
  );
  // What an interrupted session had captured of sources that the resumed run did not select is in the snapshot all the same.
  const others = [...resources].filter(([name]) => !reader.sources.some(({ source }) => source === name));
  const components = [
    ...listed,
    ...others.map(([name, records]) => componentOf(sourceOf(name, records), records, info.startedAt)),
  ];
  return {
    schema: 1,
    snapshot: info.id,
    estate: info.estate,
    host: info.host,
    startedAt: iso(info.startedAt),
    committedAt: iso(info.committedAt),
    outcome: info.outcome,
    tags: info.tags,
    totals: info.totals,
    alarms: info.alarms ?? [],
    sites: siteTotals([...resources.values()].flat()),
    components,
    moments: components.flatMap(({ source, resources: records }) => manifestMoments(source, records)),
    barriers: manifestBarriers(reader.sources),
    points: [...resources.values()].flatMap((records) => records.flatMap(manifestPoints)),
  };
}

/** One component with the sums of its resources. `startedAt`: where there is none. */
export function componentOf(
  source: SourceRecord,
  resources: readonly ResourceRecord[],
  startedAt: number,
): ManifestComponent {
  const checksum = createHash('sha256');
  for (const { ref, checksum: tree } of resources) checksum.update(`${ref.name} ${tree}\n`);
  return {
    source,
    entries: sum(resources, (record) => record.entries),
    bytes: sum(resources, (record) => record.bytes),
    checksum: checksum.digest('hex'),
    startedAt: iso(
      resources.reduce((least, record) => Math.min(least, record.startedAt), resources[0]?.startedAt ?? startedAt),
    ),
    finishedAt: iso(resources.reduce((most, record) => Math.max(most, record.finishedAt), startedAt)),
    resources,
  };
}

function sourceOf(source: string, records: readonly ResourceRecord[]): SourceRecord {
  const partial = records.filter((record) => record.outcome === 'partial').length;
  return {
    source,
    type: records[0]?.ref.type ?? source,
    expected: records.length,
    captured: records.length - partial,
    partial,
    failures: records.flatMap((record) => record.failures.map(({ code, message }) => ({ code, message }))),
  };
}

function sum(records: readonly ResourceRecord[], of: (record: ResourceRecord) => number): number {
  return records.reduce((total, record) => total + of(record), 0);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
