import { findEntries, type FindReport } from '../../../estate/find.ts';
import type { SnapshotInfo } from '../../../repository/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatBytes, formatTime } from '../../output/units.ts';
import { parseTime, selectionOf } from '../../reference.ts';
import { openForReading } from '../../wiring.ts';
import { shortestIds } from '../snapshots/run.ts';

export interface FindOptions {
  readonly select?: readonly string[];
  readonly site?: string;
  readonly since?: string;
}

/** Exit 4 when something could not be searched. */
export async function runFind(context: CommandContext, pattern: string, options: FindOptions): Promise<Exit> {
  const { output, signal } = context;
  const since = options.since === undefined ? 0 : parseTime('--since', options.since);
  const { repository, estate } = await openForReading(context, true);
  const { list, hidden, damaged } = await repository.snapshots();
  const snapshots = list.filter(
    (info) => info.committedAt >= since && (estate === undefined || info.estate === estate),
  );
  const selection = selectionOf(options.select, options.site);
  const report = await findEntries(repository, { pattern, snapshots, selection, signal });
  const { found, unread } = report;
  if (output.format === 'text') {
    await output.lines(renderFound(found, snapshots));
    if (found.length === 0) output.say(`Nothing matches in ${countOf(snapshots.length, 'snapshot')}.`);
    for (const { snapshot, resource, error } of unread) {
      const where = resource === undefined ? snapshot : `${snapshot}:${resource}`;
      output.alert(printable(`${where} could not be searched: ${error.message}`));
    }
    if (damaged.length > 0) output.alert(`Not searched, damaged: ${damaged.join(', ')}.`);
    if (hidden > 0) output.say(`${countOf(hidden, 'snapshot')} of a newer format not searched.`);
  } else await output.document({ schema: 1, ...report, hidden, damaged });
  return unread.length > 0 || damaged.length > 0 ? 4 : 0;
}

/** A line for each path, and under it one for each version, oldest first, with the snapshots that hold it. */
function renderFound(found: FindReport['found'], snapshots: readonly SnapshotInfo[]): string[] {
  const length = shortestIds(snapshots.map(({ id }) => id));
  const times = new Map(snapshots.map(({ id, committedAt }) => [id, committedAt]));
  const named = (id: string): string => `${id.slice(0, length)} (${formatTime(times.get(id) ?? 0)})`;
  return found.flatMap(({ path, versions }) => [
    printable(path),
    ...versions.map(({ kind, size, snapshots }) => {
      const [first = '', last = ''] = [snapshots[0], snapshots.at(-1)];
      const when =
        snapshots.length === 1
          ? named(first)
          : `${countOf(snapshots.length, 'snapshot')}, ${named(first)} to ${named(last)}`;
      return `    ${kind} ${formatBytes(size)} in ${when}`;
    }),
  ]);
}
