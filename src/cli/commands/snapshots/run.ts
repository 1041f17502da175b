import { HoldfastError } from '../../../kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../../../repository/contract.ts';
import { runPoints } from './points.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { snapshotRecord } from '../../output/records.ts';
import { renderTable } from '../../output/table.ts';
import { countOf, formatBytes, formatCount, formatTime } from '../../output/units.ts';
import { parseTags, parseTime } from '../../reference.ts';
import { openForReading } from '../../wiring.ts';

export interface SnapshotsOptions {
  readonly site?: string;
  readonly tag?: readonly string[];
  readonly since?: string;
  readonly points?: boolean;
}

export async function runSnapshots(context: CommandContext, options: SnapshotsOptions): Promise<Exit> {
  const tags = parseTags(options.tag);
  const since = options.since === undefined ? 0 : parseTime('--since', options.since);
  const { repository, config, estate } = await openForReading(context, true);
  const { site } = options;
  if (site !== undefined && estate !== undefined && !(site in config.sites)) {
    throw new HoldfastError('usage.invalid', `--site ${site}: the configuration has no such site`);
  }
  const { list, hidden, damaged } = await repository.snapshots();
  const shown: SnapshotInfo[] = [];
  for (const info of list) {
    if (info.committedAt < since) continue;
    if (!Object.entries(tags).every(([name, value]) => info.tags[name] === value)) continue;
    if (site !== undefined && !(await holdsSite(repository, info, site))) continue;
    shown.push(info);
  }
  const { output } = context;
  if (options.points) return await runPoints(context, repository, shown, site);
  if (output.format !== 'text') {
    await output.document({ schema: 1, snapshots: shown.map(snapshotRecord), hidden, damaged });
    return 0;
  }
  if (shown.length > 0) await output.lines(renderSnapshots(shown, output.width));
  else
    output.say(
      list.length === 0 ? 'There is no snapshot yet; take one with holdfast snapshot.' : 'No snapshot matches.',
    );
  if (shown.some((info) => info.writer)) output.say('* sealed by a writer that cannot read.');
  if (damaged.length > 0)
    output.say(
      `${countOf(damaged.length, 'snapshot')} damaged and not shown: ${damaged.join(', ')}; run holdfast verify.`,
    );
  if (shown.some(({ alarms }) => alarms))
    output.say('! counts alarms: what looks wrong compared with earlier snapshots. snapshots --json says what it is.');
  if (shown.some(({ pendingPoints }) => pendingPoints))
    output.say('pending counts recovery points that the provider was still making: holdfast snapshot --settle.');
  if (hidden > 0) output.say(`${countOf(hidden, 'snapshot')} of a newer format not shown; use a newer Holdfast.`);
  return 0;
}

async function holdsSite(repository: Repository, info: SnapshotInfo, site: string): Promise<boolean> {
  const reader = await repository.open(info);
  for await (const record of reader.resources()) if (record.site === site) return true;
  return false;
}

/** Newest last, so that it stands above the prompt; at most 80 columns wide without tags. */
export function renderSnapshots(list: readonly SnapshotInfo[], width: number): string[] {
  const estates = new Set(list.map((info) => info.estate));
  const tagged = list.some((info) => Object.keys(info.tags).length > 0);
  const columns = [
    { title: 'ID' },
    { title: 'COMMITTED' },
    ...(estates.size > 1 ? [{ title: 'ESTATE', shrink: true }] : []),
    { title: 'OUTCOME' },
    { title: 'RES.', align: 'right' as const },
    { title: 'ENTRIES', align: 'right' as const },
    { title: 'SIZE', align: 'right' as const },
    { title: 'NEW', align: 'right' as const },
    ...(tagged ? [{ title: 'TAGS', shrink: true }] : []),
  ];
  const length = shortestIds(list.map((info) => info.id));
  const rows = list.map((info) => [
    info.id.slice(0, length),
    formatTime(info.committedAt),
    ...(estates.size > 1 ? [info.estate] : []),
    `${info.outcome}${info.writer ? '*' : ''}${info.alarms ? ` !${info.alarms.length}` : ''}${info.pendingPoints ? ` (${info.pendingPoints} pending)` : ''}`,
    formatCount(info.totals.resources),
    formatCount(info.totals.entries),
    formatBytes(info.totals.bytes),
    formatBytes(info.totals.storedBytes),
    ...(tagged
      ? [
          Object.entries(info.tags)
            .map(([name, value]) => `${name}=${value}`)
            .join(' '),
        ]
      : []),
  ]);
  return renderTable(columns, rows, width);
}

/** Ids begin with their time: so many digits tell these apart, and at least 10. */
export function shortestIds(ids: readonly string[]): number {
  for (let length = 10; length < 32; length++) {
    if (new Set(ids.map((id) => id.slice(0, length))).size === ids.length) return length;
  }
  return 32;
}
