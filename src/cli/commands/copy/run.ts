import { formatLsn } from '../../../connectors/postgres-cluster/lsn.ts';
import { copyWal, type CopiedWal } from '../../../estate/wal/copy.ts';
import type { CopiedSnapshot, CopyReport } from '../../../repository/copy/contract.ts';
import type { Repository, SnapshotInfo } from '../../../repository/contract.ts';
import { toRecord } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { snapshotRecord } from '../../output/records.ts';
import { parseTags, parseTime } from '../../reference.ts';
import { openForReading } from '../../wiring.ts';
import { renderCopy, renderWal } from './render.ts';
import { openTarget, type TargetOptions } from './target.ts';

export interface CopyOptions extends TargetOptions {
  readonly estate?: string;
  readonly tag?: readonly string[];
  readonly since?: string;
  /** False with --no-wal. */
  readonly wal: boolean;
}

/** Exit 3 when damage kept a snapshot, or WAL, from being copied, 0 otherwise. */
export async function runCopy(context: CommandContext, snaps: readonly string[], options: CopyOptions): Promise<Exit> {
  const { output, signal } = context;
  const tags = parseTags(options.tag);
  const since = options.since === undefined ? 0 : parseTime('--since', options.since);
  const { repository, estate } = await openForReading(context);
  const chosen = await chosenSnapshots(repository, snaps, options.estate ?? estate);
  const snapshots = chosen.filter(
    (info) =>
      info.committedAt >= since &&
      (options.estate === undefined || info.estate === options.estate) &&
      Object.entries(tags).every(([name, value]) => info.tags[name] === value),
  );
  const target = await openTarget(context, repository, options);
  const dryRun = options.dryRun === true;
  const wal = options.wal ? await copyWal(repository, target, { snapshots, dryRun, signal }) : [];
  const report = await repository.copyTo(target, { snapshots, dryRun, signal });
  if (output.format === 'text') await output.lines([...renderWal(wal, dryRun, output), ...renderCopy(report, output)]);
  else await output.document({ ...copyDocument(report, repository, target), wal: wal.map(walDocument) });
  const isShort = wal.some(({ failures }) => failures.length > 0);
  return isShort || report.snapshots.some(({ outcome }) => outcome === 'failed') ? 3 : 0;
}

/** Those that are named, each once, or all; oldest first. A name such as latest means the estate's. */
async function chosenSnapshots(
  repository: Repository,
  snaps: readonly string[],
  estate: string | undefined,
): Promise<readonly SnapshotInfo[]> {
  const { list } = await repository.snapshots();
  if (snaps.length === 0) return list;
  const named = new Set<string>();
  for (const snap of snaps) named.add((await repository.find(snap, estate)).id);
  return list.filter(({ id }) => named.has(id));
}

function copyDocument({ snapshots, sameIds }: CopyReport, source: Repository, target: Repository): object {
  return {
    schema: 1,
    from: source.id,
    to: target.id,
    sameIds,
    snapshots: snapshots.map(({ snapshot, error, ...rest }: CopiedSnapshot) => ({
      ...rest,
      snapshot: snapshotRecord(snapshot),
      ...(error === undefined ? {} : { error: toRecord(error) }),
    })),
  };
}

function walDocument({ from, failures, ...rest }: CopiedWal): object {
  return { ...rest, from: formatLsn(from), failures: failures.map(toRecord) };
}
