import type { ResourceRecord } from '../repository/contract.ts';
import type { Manifest, ManifestComponent } from './contract.ts';

/** MANIFEST.md: what the snapshot holds, what was found and not captured, and why. */
export function renderManifest(manifest: Manifest): string {
  const { totals } = manifest;
  const tags = Object.entries(manifest.tags).map(([key, value]) => `${key}=${value}`);
  return [
    `# Snapshot ${manifest.snapshot} of ${manifest.estate}`,
    '',
    `- Outcome: **${manifest.outcome}**`,
    `- Captured from ${manifest.startedAt} to ${manifest.committedAt} on ${manifest.host}`,
    ...(tags.length > 0 ? [`- Tags: ${tags.map(cell).join(', ')}`] : []),
    `- ${count(totals.resources, 'resource')}, ${count(totals.entries, 'entry', 'entries')} (${totals.reused} unchanged since the snapshot before), ${bytesText(totals.bytes)}; ${bytesText(totals.storedBytes)} new in the repository`,
    ...alarmSection(manifest),
    '',
    '## Components',
    '',
    ...table(
      ['source', 'found', 'captured', 'partial', 'entries', 'bytes', 'captured from', 'to', 'checksum (SHA-256)'],
      manifest.components.map(componentRow),
    ),
    ...failureSection(manifest.components),
    ...pointSection(manifest),
    ...siteSection(manifest.components),
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

/** Resources per site and environment and component. */
function siteSection(components: readonly ManifestComponent[]): string[] {
  const rows = new Map<string, { resources: number; entries: number; bytes: number; partial: number }>();
  for (const { site, environment, entries, bytes, outcome } of components.flatMap((component) => component.resources)) {
    if (site === undefined) continue;
    const key = `${site}\0${environment ?? ''}`;
    const row = rows.get(key) ?? { resources: 0, entries: 0, bytes: 0, partial: 0 };
    row.resources++;
    row.entries += entries;
    row.bytes += bytes;
    if (outcome === 'partial') row.partial++;
    rows.set(key, row);
  }
  if (rows.size === 0) return [];
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '',
    '## Sites',
    '',
    ...table(
      ['site', 'environment', 'resources', 'partial', 'entries', 'bytes'],
      sorted.map(([key, { resources, partial, entries, bytes }]) => [
        ...key.split('\0'),
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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** Names come from outside: they must not break the table, nor become markup. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|<>[\]*_`]/g, String.raw`\$&`);
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
