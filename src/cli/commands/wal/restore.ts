import { resolve } from 'node:path';
import { proveCluster, type ClusterProof } from '../../../estate/wal/prove.ts';
import { restoreCluster, type ClusterRestoreReport } from '../../../estate/wal/restore.ts';
import type { RecoveryTarget } from '../../../estate/wal/target.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { countOf, formatBytes } from '../../output/units.ts';
import { openSnapshot } from '../../wiring.ts';

export interface WalRestoreOptions {
  readonly to: string;
  readonly targetTime?: number;
  readonly targetLsn?: bigint;
  readonly targetName?: string;
  readonly immediate?: true;
  readonly exclusive?: true;
  readonly timeline?: number;
  readonly action: 'promote' | 'pause' | 'shutdown';
  readonly restoreCommand?: string;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly prove?: string;
  readonly proveUser?: string;
}

/** Exit 3 when the restored server does not recover, or its files are not what its manifest says. */
export async function runWalRestore(
  context: CommandContext,
  reference: string,
  options: WalRestoreOptions,
): Promise<Exit> {
  const { output, folder, signal, runtime } = context;
  if (options.prove !== undefined && options.action !== 'promote')
    throw new HoldfastError('usage.invalid', '--prove needs --action promote: it waits until recovery is over');
  const { repository, reader, path } = await openSnapshot(context, reference);
  if (!/^postgres-cluster\/[^/]+$/.test(path))
    throw new HoldfastError('usage.invalid', `${reference} names no cluster`, {
      hint: 'Name a snapshot and a cluster: latest:postgres-cluster/app.',
    });
  const { timeline, restoreCommand, owner, action, exclusive } = options;
  const target = targetOf(options);
  const request = {
    resource: path,
    directory: resolve(folder, options.to),
    target,
    inclusive: exclusive !== true,
    action,
    signal,
    ...(timeline === undefined ? {} : { timeline }),
    ...(restoreCommand === undefined ? {} : { restoreCommand }),
    ...(owner === undefined ? {} : { owner }),
  };
  const report = await repository.audit.during('restore', { snapshot: reader.info.id, path }, async () => {
    return await restoreCluster(repository, reader, request);
  });
  const proof =
    options.prove === undefined
      ? undefined
      : await proveCluster({
          dataFolder: report.dataFolder,
          programs: resolve(folder, options.prove),
          isTime: target.kind === 'time',
          clock: runtime.clock,
          signal,
          ...(owner === undefined ? {} : { owner }),
          ...(options.proveUser === undefined ? {} : { user: options.proveUser }),
        });
  if (output.format === 'text') await output.lines(renderRestore(report, proof));
  else await output.document({ ...report, ...(proof ? { proof: { ...proof } } : {}) });
  return 0;
}

function targetOf({ targetTime, targetLsn, targetName, immediate }: WalRestoreOptions): RecoveryTarget {
  if (targetTime !== undefined) return { kind: 'time', time: targetTime };
  if (targetLsn !== undefined) return { kind: 'lsn', lsn: targetLsn };
  if (targetName !== undefined) return { kind: 'name', name: targetName };
  return immediate ? { kind: 'immediate' } : { kind: 'latest' };
}

function renderRestore(report: ClusterRestoreReport, proof: ClusterProof | undefined): string[] {
  const { dataFolder, files, bytes, walBytes, timeline, consistentAt, walEnd, walSentAt } = report;
  const sent = walSentAt === undefined ? '' : `, sent at ${walSentAt}`;
  return [
    `${countOf(files, 'file')}, ${formatBytes(bytes)}, and ${formatBytes(walBytes)} of WAL written to ${dataFolder}.`,
    `Consistent at ${consistentAt}; WAL to ${walEnd} of timeline ${timeline}${sent}.`,
    proof === undefined
      ? `Start a server of the same version on it: it recovers to the target. It does not archive until you let it.`
      : `Recovered in ${(proof.recoveryMs / 1000).toFixed(1)} s; checked with ${proof.checked.join(' and ') || 'nothing else'}; stopped again.`,
  ];
}
