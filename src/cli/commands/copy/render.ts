import { formatLsn } from '../../../connectors/postgres-cluster/lsn.ts';
import type { CopiedWal } from '../../../estate/wal/copy.ts';
import type { CopiedSnapshot, CopyReport } from '../../../repository/copy/contract.ts';
import type { Output } from '../../output/output.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatBytes, formatTime } from '../../output/units.ts';

export function renderCopy({ snapshots, sameIds }: CopyReport, output: Pick<Output, 'colors'>): string[] {
  const lines: string[] = [];
  const of = (outcome: CopiedSnapshot['outcome']): readonly CopiedSnapshot[] =>
    snapshots.filter((one) => one.outcome === outcome);
  for (const { snapshot, bytesRead, storedBytes } of of('copied'))
    lines.push(`${nameOf(snapshot)}: ${formatBytes(bytesRead)} read, ${formatBytes(storedBytes)} stored`);
  for (const { snapshot, bytesRead } of of('counted'))
    lines.push(`${nameOf(snapshot)}: ${formatBytes(bytesRead)} to be read`);
  for (const { error } of of('failed'))
    lines.push(
      `${output.colors.red('failed:')} ${printable(error?.message ?? '')}`,
      `    ${printable(error?.hint ?? '')}`,
    );
  const counts = [
    countOf(of('copied').length, 'snapshot') + ' copied',
    ...(of('counted').length > 0 ? [`${of('counted').length} to be copied`] : []),
    `${of('present').length} there already`,
    ...(of('failed').length > 0 ? [output.colors.red(`${of('failed').length} cannot be copied`)] : []),
  ];
  lines.push(`${counts.join(', ')}.`);
  if (!sameIds && of('copied').length + of('counted').length > 0)
    lines.push('The other repository makes ids of its own: changed contents are read whole. See holdfast copy --init.');
  return lines;
}

export function renderWal(wal: readonly CopiedWal[], dryRun: boolean, { colors }: Pick<Output, 'colors'>): string[] {
  return wal.flatMap(({ systemId, from, objects, bytes, failures }) => [
    `WAL of cluster ${systemId} from ${formatLsn(from)} on: ${countOf(objects, 'object')}, ${formatBytes(bytes)}, ${dryRun ? 'to be copied' : 'copied'}`,
    ...failures.map(({ message }) => `${colors.red('failed:')} ${printable(message)}`),
  ]);
}

function nameOf({ id, committedAt, estate }: CopiedSnapshot['snapshot']): string {
  return `${id.slice(0, 12)}  ${formatTime(committedAt)}  ${printable(estate)}`;
}
