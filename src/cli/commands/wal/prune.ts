import { identifySystem } from '../../../connectors/postgres-cluster/server-facts.ts';
import { connect } from '../../../connectors/postgres-cluster/connection.ts';
import { formatLsn } from '../../../connectors/postgres-cluster/lsn.ts';
import { lastSystemId } from '../../../estate/wal/bases.ts';
import { pruneWal, type WalPruneReport } from '../../../estate/wal/prune.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { countOf, formatBytes } from '../../output/units.ts';
import { confirmChange } from '../../questions.ts';
import { openConfig, openRepository } from '../../wiring.ts';
import { clusterSource } from './source.ts';

export interface WalPruneOptions {
  readonly dryRun?: true;
  readonly yes?: true;
}

export async function runWalPrune(context: CommandContext, name: string, options: WalPruneOptions): Promise<Exit> {
  const { output, signal } = context;
  const config = await openConfig(context);
  const source = clusterSource(config, name);
  const repository = await openRepository(context, config);
  const systemId = (await lastSystemId(repository, config.estate, name)) ?? (await askSystemId(source));
  const plan = await pruneWal(repository, systemId, { dryRun: true, signal });
  let report = plan;
  const runs = plan.outdated + plan.superseded;
  if (!options.dryRun && runs > 0) {
    await confirmChange(context, { yes: options.yes === true, question: `Remove ${countOf(runs, 'object')} of WAL?` });
    const details = { source: name, neededFrom: formatLsn(plan.neededFrom ?? 0n) };
    const work = async (): Promise<WalPruneReport> => await pruneWal(repository, systemId, { dryRun: false, signal });
    report = await repository.audit.during('prune', details, work, ({ outdated, superseded }) => ({
      outdated,
      superseded,
    }));
  }
  const { neededFrom, ...rest } = report;
  const from = neededFrom === undefined ? undefined : formatLsn(neededFrom);
  if (output.format === 'text') await output.lines(renderPrune(report, from));
  else await output.document({ ...rest, ...(from === undefined ? {} : { neededFrom: from }) });
  return 0;
}

async function askSystemId(source: Parameters<typeof connect>[0]): Promise<string> {
  const server = await connect(source, 'replication');
  try {
    return (await identifySystem(server, `postgres-cluster/${source.name}`)).systemId;
  } finally {
    await server.close();
  }
}

function renderPrune(
  { dryRun, outdated, superseded, bytes, left }: WalPruneReport,
  from: string | undefined,
): string[] {
  const needed = from === undefined ? 'There is no base backup: nothing is outdated.' : `Needed from ${from} on.`;
  const verb = dryRun ? 'would be removed' : 'removed';
  return [
    needed,
    `${countOf(outdated, 'outdated object')} and ${countOf(superseded, 'part')} of whole blocks ${verb}, ${formatBytes(bytes)}.`,
    ...(left === 0
      ? []
      : [`${countOf(left, 'object')} could not be removed: locked, or these credentials may not delete.`]),
  ];
}
