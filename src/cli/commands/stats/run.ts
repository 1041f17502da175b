import type { CommandContext, Exit } from '../../context.ts';
import { snapshotRecord } from '../../output/records.ts';
import { openForReading } from '../../wiring.ts';
import { renderStats } from './render.ts';

export async function runStats(context: CommandContext, snap: string | undefined): Promise<Exit> {
  const { output, signal } = context;
  const { repository, estate } = await openForReading(context, true);
  const info = snap === undefined ? undefined : await repository.find(snap, estate);
  const stats = await repository.stats({ signal, ...(info ? { snapshot: info.id } : {}) });
  if (output.format === 'text') await output.lines(renderStats(stats, output.width));
  else {
    const { snapshots, detail, ...rest } = stats;
    await output.document({
      schema: 1,
      ...rest,
      snapshots: snapshots.map(({ info, unique }) => ({ ...snapshotRecord(info), unique })),
      ...(detail ? { detail: { ...detail, info: snapshotRecord(detail.info) } } : {}),
    });
  }
  return 0;
}
