import type { Manifest } from '../../../estate/contract.ts';
import { settleSnapshot } from '../../../estate/points/settle.ts';
import { defaultWait } from '../../../estate/snapshot.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../../../repository/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { openConfig, openEstate, openRepository } from '../../wiring.ts';
import { renderCapture } from './render.ts';
import type { SnapshotOptions } from './run.ts';

/** Exit 4 when a snapshot lacks something all the same, or still: the manifest says what. */
export async function runSettle(
  context: CommandContext,
  selectors: readonly string[],
  options: SnapshotOptions,
): Promise<Exit> {
  const { output } = context;
  const { site, tag, resume, reread, barrier, dryRun } = options;
  const others = [site, tag, resume, reread, barrier, dryRun].some((option) => option !== undefined);
  if (selectors.length > 0 || others)
    throw new HoldfastError('usage.invalid', '--settle takes a snapshot and --wait, and nothing else', {
      hint: 'Run holdfast snapshot --settle [SNAP] [--wait TIME].',
    });
  const config = await openConfig(context);
  const estate = await openEstate(context, config);
  const repository = await openRepository(context, config);
  const pending = await pendingSnapshots(repository, config.estate, options.settle);
  const manifests: Manifest[] = [];
  for (const info of pending) {
    const { manifest } = await settleSnapshot(estate, repository, info, { wait: options.wait ?? defaultWait });
    manifests.push(manifest);
    if (output.format === 'text') await output.lines(renderCapture(manifest, output));
  }
  if (output.format !== 'text') await output.document({ schema: 1, settled: manifests });
  else if (pending.length === 0) output.say('No snapshot has pending recovery points.');
  return manifests.some(({ outcome }) => outcome === 'partial') ? 4 : 0;
}

/** The named one, or all of the estate that have pending points, oldest first; also those another run left half settled. */
async function pendingSnapshots(
  repository: Repository,
  estate: string,
  named: string | true | undefined,
): Promise<readonly SnapshotInfo[]> {
  if (typeof named === 'string') return [await repository.find(named, estate)];
  const { list } = await repository.snapshots();
  return list.filter((info) => info.estate === estate && (info.pendingPoints ?? 0) > 0);
}
