import { manifestPoints, type ManifestPoint } from '../../../estate/points/manifest.ts';
import { pointKey } from '../../../kernel/recovery-point.ts';
import type { Repository, SnapshotInfo } from '../../../repository/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { renderTable } from '../../output/table.ts';
import { printable } from '../../output/text.ts';

/** A point, and the newest snapshot that names it. */
interface ListedPoint extends ManifestPoint {
  readonly snapshot: string;
}

/** The recovery points that the snapshots name, each once, as the newest of them knew it; the newest points last. */
export async function runPoints(
  { output }: CommandContext,
  repository: Repository,
  snapshots: readonly SnapshotInfo[],
  site: string | undefined,
): Promise<Exit> {
  const points = new Map<string, ListedPoint>();
  for (const info of snapshots.toSorted((a, b) => b.committedAt - a.committedAt)) {
    const reader = await repository.open(info);
    for await (const record of reader.resources()) {
      if (site !== undefined && record.site !== site) continue;
      for (const point of manifestPoints(record)) {
        const key = `${point.resource} ${pointKey(point)}`;
        if (!points.has(key)) points.set(key, { snapshot: info.id, ...point });
      }
    }
  }
  const listed = [...points.values()].sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
  if (output.format !== 'text') await output.document({ schema: 1, points: listed });
  else if (listed.length === 0) output.say('These snapshots name no recovery points at the provider.');
  else await output.lines(renderPoints(listed, output.width));
  return 0;
}

/** A line for each; at most `width` columns wide. */
export function renderPoints(points: readonly ListedPoint[], width: number): string[] {
  const columns = [
    { title: 'RESOURCE', shrink: true },
    { title: 'POINT', shrink: true },
    { title: 'REGION' },
    { title: 'STATE' },
    { title: 'STATE OF' },
    { title: 'MADE BY' },
  ];
  const rows = points.map((point) => [
    printable(point.resource),
    printable(point.name),
    point.region,
    point.state,
    point.at === undefined ? '' : `${point.at.slice(0, 16)}Z`,
    makerOf(point),
  ]);
  return renderTable(columns, rows, width);
}

function makerOf({ run, kind }: ListedPoint): string {
  if (run !== undefined) return 'Holdfast';
  return kind === 'aws-backup-point' ? 'AWS Backup' : 'others';
}
