import type { DriftReport } from '../../../estate/contract.ts';
import { findDrift } from '../../../estate/drift.ts';
import type { Repository, SnapshotReader } from '../../../repository/contract.ts';
import type { VerifyReport } from '../../../repository/check/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import type { Output } from '../../output/output.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatBytes } from '../../output/units.ts';
import { openConfig, openEstate, openForReading } from '../../wiring.ts';
import { driftDocument, renderDrift } from '../drift/render.ts';

export interface VerifyOptions {
  /** Share of the packs to read; true: every byte. */
  readonly readData?: number | true;
  readonly againstLive?: true;
}

/** Exit 3 when there is damage, 1 when the live estate differs, 4 when a part could not be compared, 0 otherwise. */
export async function runVerify(
  context: CommandContext,
  snap: string | undefined,
  options: VerifyOptions,
): Promise<Exit> {
  const { output } = context;
  const { repository, estate } = await openForReading(context);
  const info = snap === undefined ? undefined : await repository.find(snap, estate);
  const report = await repository.verify({
    readData: options.readData === true ? 1 : (options.readData ?? 0),
    signal: context.signal,
    ...(info === undefined ? {} : { snapshot: info.id }),
  });
  if (output.format === 'text') await output.lines(renderVerify(report, output));
  let drift: DriftReport | undefined;
  if (options.againstLive) {
    const reader = await repository.open(info ?? (await repository.find('latest', estate)));
    drift = await compareWithLive(context, repository, reader);
    if (output.format === 'text') await output.lines(renderDrift(drift, output));
  }
  if (output.format !== 'text') {
    await output.document({
      schema: 1,
      whole: report.damage.length === 0,
      ...report,
      ...(drift === undefined ? {} : { againstLive: driftDocument(drift) }),
    });
  }
  if (report.damage.length > 0) return 3;
  if (drift === undefined) return 0;
  if (drift.resources.length > 0) return 1;
  return drift.failures.length > 0 ? 4 : 0;
}

async function compareWithLive(
  context: CommandContext,
  repository: Repository,
  reader: SnapshotReader,
): Promise<DriftReport> {
  const estate = await openEstate(context, await openConfig(context));
  return await findDrift(estate, repository, reader, { selectors: [] });
}

function renderVerify(report: VerifyReport, output: Pick<Output, 'colors'>): string[] {
  const lines: string[] = [];
  for (const { object, problem, touches } of report.damage) {
    lines.push(`${output.colors.red('damaged:')} ${printable(`${object}: ${problem}`)}`);
    for (const resource of touches) lines.push(`    touches ${printable(resource)}`);
  }
  const read = report.bytesRead > 0 ? `, ${formatBytes(report.bytesRead)} read` : '';
  const checked = `${countOf(report.snapshots, 'snapshot')}, ${countOf(report.packs, 'pack')}, ${countOf(report.chunks, 'chunk')} checked${read}`;
  const { length } = report.damage;
  lines.push(`${checked}: ${length === 0 ? 'no damage found.' : `${countOf(length, 'object')} damaged.`}`);
  return lines;
}
