import type { RepositoryStats, SnapshotDetail } from '../../../repository/stats/contract.ts';
import { renderTable } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatBytes, formatCount, formatTime } from '../../output/units.ts';
import { shortestIds } from '../snapshots/run.ts';

const right = 'right' as const;

/** The repository as a whole, its sources, its snapshots; and where one was named, that one. */
export function renderStats(stats: RepositoryStats, width: number): string[] {
  return [
    ...renderWhole(stats),
    '',
    ...renderSources(stats, width),
    '',
    ...renderSnapshots(stats, width),
    ...(stats.detail ? ['', ...renderDetail(stats.detail, width)] : []),
  ];
}

function renderWhole(stats: RepositoryStats): string[] {
  const { needed, unneeded, packs, orphans, indexObjects, wal } = stats;
  const rows = [
    [
      'all snapshots',
      formatBytes(stats.logicalBytes),
      `restoring each of ${countOf(stats.snapshots.length, 'snapshot')}`,
    ],
    ['different', formatBytes(needed.plainBytes), `deduplicated ${ratio(stats.logicalBytes, needed.plainBytes)}`],
    ['stored', formatBytes(needed.storedBytes), `compressed ${ratio(needed.plainBytes, needed.storedBytes)}`],
    ['not needed', formatBytes(unneeded.storedBytes), `${countOf(unneeded.chunks, 'chunk')}; pruning frees it`],
    [
      'packs',
      formatBytes(packs.data.bytes + packs.metadata.bytes),
      `${formatCount(packs.data.count)} of data, ${formatCount(packs.metadata.count)} of metadata; ${formatBytes(stats.overheadBytes)} are headers and directories`,
    ],
    ...(orphans.count > 0
      ? [['no index', formatBytes(orphans.bytes), `${countOf(orphans.count, 'pack')} that no index names`]]
      : []),
    [
      'index',
      formatBytes(indexObjects.bytes),
      `${countOf(indexObjects.count, 'object')}, ${countOf(needed.chunks, 'needed chunk')}`,
    ],
    ...(wal.count > 0
      ? [['WAL', formatBytes(wal.bytes), `${countOf(wal.count, 'object')}; see holdfast wal status`]]
      : []),
  ];
  const notes = [
    ...(stats.unread > 0 ? [`${countOf(stats.unread, 'part')} could not be looked into: run holdfast check.`] : []),
    ...(stats.damaged.length > 0 ? [`Not looked into, damaged: ${stats.damaged.join(', ')}.`] : []),
    ...(stats.hidden.length > 0 ? [`Not looked into, of a newer format: ${stats.hidden.join(', ')}.`] : []),
  ];
  return [...renderTable([{ title: '' }, { title: '', align: right }, { title: '' }], rows), ...notes];
}

function renderSources({ sources }: RepositoryStats, width: number): string[] {
  const estates = new Set(sources.map(({ estate }) => estate)).size > 1;
  const columns = [
    ...(estates ? [{ title: 'ESTATE', shrink: true }] : []),
    { title: 'SOURCE', shrink: true },
    { title: 'SNAPSHOTS', align: right },
    { title: 'RES.', align: right },
    { title: 'ENTRIES', align: right },
    { title: 'SIZE', align: right },
    { title: 'OWN', align: right },
    { title: 'STORED', align: right },
  ];
  const rows = sources.map(({ estate, source, snapshots, newest, own }) => [
    ...(estates ? [printable(estate)] : []),
    printable(source),
    formatCount(snapshots),
    formatCount(newest.resources),
    formatCount(newest.entries),
    formatBytes(newest.bytes),
    formatBytes(own.plainBytes),
    formatBytes(own.storedBytes),
  ]);
  return renderTable(columns, rows, width);
}

function renderSnapshots({ snapshots }: RepositoryStats, width: number): string[] {
  const length = shortestIds(snapshots.map(({ info }) => info.id));
  const columns = [
    { title: 'ID' },
    { title: 'COMMITTED' },
    { title: 'SIZE', align: right },
    { title: 'NEW', align: right },
    { title: 'ONLY HERE', align: right },
    { title: 'FREES', align: right },
  ];
  const rows = snapshots.map(({ info, unique }) => [
    info.id.slice(0, length),
    formatTime(info.committedAt),
    formatBytes(info.totals.bytes),
    formatBytes(info.totals.storedBytes),
    formatBytes(unique.plainBytes),
    formatBytes(unique.storedBytes),
  ]);
  return renderTable(columns, rows, width);
}

function renderDetail({ info, needed, sources }: SnapshotDetail, width: number): string[] {
  const columns = [
    { title: 'SOURCE', shrink: true },
    { title: 'RES.', align: right },
    { title: 'ENTRIES', align: right },
    { title: 'SIZE', align: right },
    { title: 'STORED', align: right },
    { title: 'FREES', align: right },
  ];
  const rows = sources.map(({ source, resources, entries, bytes, needed, unique }) => [
    printable(source),
    formatCount(resources),
    formatCount(entries),
    formatBytes(bytes),
    formatBytes(needed.storedBytes),
    formatBytes(unique.storedBytes),
  ]);
  const size = `${formatBytes(info.totals.bytes)} of content, ${formatBytes(needed.plainBytes)} of it different, stored in ${formatBytes(needed.storedBytes)}`;
  return [`${info.id}: ${size}`, ...renderTable(columns, rows, width)];
}

/** `15.4 times`; nothing of nothing is once. */
function ratio(whole: number, part: number): string {
  return `${(part === 0 ? 1 : whole / part).toFixed(1)} times`;
}
