import { walStatus, type WalStatus } from '../../../estate/wal/status.ts';
import type { CommandContext, Exit } from '../../context.ts';
import type { Output } from '../../output/output.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatBytes, formatDuration } from '../../output/units.ts';
import { openConfig, openRepository } from '../../wiring.ts';
import { clusterSource } from './source.ts';

export interface StatusOptions {
  /** Milliseconds. */
  readonly maxLag?: number;
}

/** Exit 5 when what is not stored may be older than --max-lag, or nobody can tell how old it is. */
export async function runStatus(context: CommandContext, name: string, options: StatusOptions): Promise<Exit> {
  const { output, runtime } = context;
  const { maxLag } = options;
  const config = await openConfig(context);
  const source = clusterSource(config, name);
  const repository = await openRepository(context, config);
  const status = await walStatus(repository, config.estate, source, runtime.clock);
  const missed = maxLag !== undefined && (status.lag.ms === undefined || status.lag.ms > maxLag);
  if (output.format === 'text') await output.lines(renderStatus(status, missed ? maxLag : undefined, output));
  else await output.document({ ...status, ...(maxLag === undefined ? {} : { maxLagMs: maxLag, missed }) });
  return missed ? 5 : 0;
}

function renderStatus(status: WalStatus, missed: number | undefined, { colors }: Pick<Output, 'colors'>): string[] {
  const { server, slot, stored, lag, oldestBase, bases } = status;
  return [
    server ? `Server: ${server.position} of timeline ${server.timeline}.` : colors.red('Server: does not answer.'),
    ...(slot
      ? [
          `Slot ${slot.name}: ${slot.active ? 'in use' : 'nobody receives'}, ${slot.walStatus}; the server keeps ${formatBytes(slot.retainedBytes)} for it.`,
        ]
      : []),
    stored
      ? `Stored: ${stored.position} of timeline ${stored.timeline}, sent at ${stored.sentAt}; ${countOf(status.storedObjects, 'object')}, ${formatBytes(status.storedBytes)}.`
      : 'Stored: nothing.',
    `Lag: ${lag.bytes === undefined ? 'unknown' : formatBytes(lag.bytes)}, ${lag.ms === undefined ? 'unknown' : lag.ms === 0 ? 'nothing waits' : `since ${formatDuration(lag.ms)}`}.`,
    oldestBase
      ? `${countOf(bases, 'base backup')}; any point from ${oldestBase.at} (${oldestBase.position}) on.`
      : 'No base backup.',
    ...status.problems.map((problem) => colors.yellow(`Problem: ${printable(problem)}.`)),
    ...(missed === undefined ? [] : [colors.red(`Objective missed: the lag is more than ${formatDuration(missed)}.`)]),
  ];
}
