import type { ResourceRecord } from '../repository/contract.ts';
import type { Manifest, ManifestComponent, SiteTotals } from './contract.ts';
import { momentSection } from './manifest-moments-text.ts';
import { cell, table } from './manifest-table.ts';

/** MANIFEST.md: what the snapshot, or one site in it, holds, what was found and not captured, and why. */
export function renderManifest(manifest: Manifest): string {
  const { totals } = manifest;
  const what = manifest.site === undefined ? 'Snapshot' : `Site ${cell(manifest.site)} in snapshot`;
  const tags = Object.entries(manifest.tags).map(([key, value]) => `${key}=${value}`);
  return [
    `# ${what} ${manifest.snapshot} of ${manifest.estate}`,
    '',
    `- Outcome: **${manifest.outcome}**`,
    `- Captured from ${manifest.startedAt} to ${manifest.committedAt} on ${manifest.host}`,
    ...(tags.length > 0 ? [`- Tags: ${tags.map(cell).join(', ')}`] : []),
    `- ${count(totals.resources, 'resource')}, ${count(totals.entries, 'entry', 'entries')} (${totals.reused} unchanged since the snapshot before), ${bytesText(totals.bytes)}${totals.storedBytes === undefined ? '' : `; ${bytesText(totals.storedBytes)} new in the repository`}`,
    ...alarmSection(manifest),
    '',
    '## Components',
    '',
    ...table(
      ['source', 'found', 'captured', 'partial', 'entries', 'bytes', 'captured from', 'to', 'checksum (SHA-256)'],
      manifest.components.map(componentRow),
    ),
    ...failureSection(manifest.components),
    ...momentSection(manifest),
    ...pointSection(manifest),
    ...siteSection(manifest.sites),
    ...manifest.components.flatMap(resourceSection),
  ].join('\n');
}

function alarmSection({ alarms }: Manifest): string[] {
  if (alarms.length === 0) return [];
  const rows = alarms.map(({ kind, source, resource, message }) => [resource ?? source, kind, message]);
  return ['', '## Alarms', '', ...table(['what', 'kind', 'why'], rows)];
}

function componentRow({ source, entries, bytes, startedAt, finishedAt, checksum }: ManifestComponent): string[] {
  const name = source.source === source.type ? source.source : `${source.source} (${source.type})`;
  const expected = source.expected === undefined ? 'unknown' : String(source.expected);
  const counts = [expected, String(source.captured), String(source.partial), String(entries)];
  return [name, ...counts, bytesText(bytes), startedAt, finishedAt, checksum];
}

function failureSection(components: readonly ManifestComponent[]): string[] {
  const rows = components.flatMap(({ source }) =>
    source.failures.map(({ code, message, resource }) => [resource ?? source.source, code, message]),
  );
  if (rows.length === 0) return [];
  return ['', '## Not captured', '', ...table(['what', 'code', 'why'], rows)];
}

/** What one can restore from besides the snapshot, and the moment each point stands for. */
function pointSection({ points }: Manifest): string[] {
  if (points.length === 0) return [];
  const rows = points.map(({ resource, kind, region, name, state, percent, at, kmsKey, bytes, reason }) => [
    resource,
    kind,
    region,
    name,
    percent === undefined || state !== 'pending' ? state : `${state} ${percent}%`,
    at ?? '',
    bytes === undefined ? '' : bytesText(bytes),
    kmsKey ?? '',
    reason ?? '',
  ]);
  const head = ['resource', 'kind', 'region', 'point', 'state', 'state of', 'bytes', 'key', 'why'];
  return ['', '## Recovery points at the provider', '', ...table(head, rows)];
}

/** Resources per site and environment. */
function siteSection(sites: readonly SiteTotals[]): string[] {
  if (sites.length === 0) return [];
  return [
    '',
    '## Sites',
    '',
    ...table(
      ['site', 'environment', 'resources', 'partial', 'entries', 'bytes'],
      sites.map(({ site, environment = '', resources, partial, entries, bytes }) => [
        site,
        environment,
        ...[resources, partial, entries].map(String),
        bytesText(bytes),
      ]),
    ),
  ];
}

function resourceSection({ source, resources }: ManifestComponent): string[] {
  if (resources.length === 0) return [];
  return [
    '',
    `## ${source.source}`,
    '',
    ...table(
      ['name', 'region', 'site', 'outcome', 'entries', 'bytes', 'captured', 'checksum'],
      resources.map(resourceRow),
    ),
  ];
}

function resourceRow(record: ResourceRecord): string[] {
  const { ref, site, environment, outcome, entries, bytes, finishedAt, checksum } = record;
  const place = [site, environment].filter((part) => part !== undefined).join(' ');
  const said = outcome === 'partial' ? `partial (${record.failed})` : outcome;
  return [
    ref.name,
    ref.region,
    place,
    said,
    String(entries),
    bytesText(bytes),
    new Date(finishedAt).toISOString(),
    checksum,
  ];
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(value < 10 ? 2 : 1)} ${units[unit] ?? ''}`;
}
