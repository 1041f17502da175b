import { priceOfRequests, requestPrices } from '../../../estate/lock-price.ts';
import type { ExtendReport, ExtensionPlan, LockStatus, Suspicion } from '../../../repository/lock/contract.ts';
import type { Output } from '../../output/output.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatCount, formatTime } from '../../output/units.ts';

type Colors = Pick<Output, 'colors'>;

const folderWidth = 'snapshots/'.length;

/** So many are printed; `--json` has them all. */
const mostPrinted = 20;

export function renderStatus(status: LockStatus, { colors }: Colors): string[] {
  const { settings, objects, recorded, earliest, due, readBack, weaker, problems, suspicions } = status;
  return [
    `Lock: ${settings.mode}, ${countOf(settings.days, 'day')}.`,
    `${countOf(objects, 'object')} to keep, ${formatCount(recorded)} with a recorded lock, ${formatCount(due)} due to be extended.`,
    ...(earliest === undefined ? [] : [`The first lock ends at ${formatTime(earliest)}.`]),
    ...(readBack === 0
      ? []
      : [`${countOf(readBack, 'lock')} read back, ${formatCount(weaker.length)} weaker than recorded.`]),
    ...deletions(status),
    ...problems.map((problem) => colors.red(`Problem: ${printable(problem)}.`)),
    ...listed('Weaker', weaker, colors.red),
    ...listed('Suspicious', suspicions, colors.red),
  ];
}

export function renderExtension(report: ExtendReport, { colors }: Colors): string[] {
  const { objects, enough, extended, failed, failures, suspicions, until, plan } = report;
  const verb = plan ? 'would be asked for and extended' : 'extended';
  return [
    `${countOf(objects, 'object')} to keep until ${formatTime(until)}: ${formatCount(enough)} locked long enough, ${formatCount(extended)} ${verb}${failed > 0 ? `, ${formatCount(failed)} failed` : ''}.`,
    ...(plan ? planned(plan) : []),
    ...deletions(report),
    ...listed('Failed', failures, colors.red),
    ...listed('Suspicious', suspicions, colors.red),
  ];
}

function planned({ lockedUntil, folders, requests }: ExtensionPlan): string[] {
  if (folders.length === 0) return [];
  const { reads, writes } = requests;
  const { region, currency, asOf } = requestPrices;
  return [
    ...folders.map(
      ({ folder, objects, unrecorded, earliest }) =>
        `  ${folder.padEnd(folderWidth)} ${countOf(objects, 'object')}, ${earliest === undefined ? 'none recorded' : `the first until ${formatTime(earliest)}${unrecorded > 0 ? `, ${formatCount(unrecorded)} not recorded` : ''}`}`,
    ),
    `Locked until ${formatTime(lockedUntil)}. At most ${countOf(reads, 'read')} and ${countOf(writes, 'write')}: ${currency} ${priceOfRequests(requests).toFixed(4)} (${region}, ${asOf}).`,
  ];
}

function deletions({ deleted: { snapshots, packs, wal, others } }: Pick<ExtendReport, 'deleted'>): string[] {
  if (snapshots + packs + wal + others === 0) return [];
  const counts = `${countOf(snapshots, 'snapshot')}, ${countOf(packs, 'pack')}, ${countOf(wal, 'object')} of WAL, ${countOf(others, 'other object')}`;
  return [`Deleted since locks were last recorded: ${counts}; holdfast audit says what was meant.`];
}

function listed(word: string, found: readonly Suspicion[], paint: (text: string) => string): string[] {
  return [
    ...found.slice(0, mostPrinted).map(({ key, problem }) => paint(`${word}: ${key}: ${printable(problem)}`)),
    ...(found.length > mostPrinted ? [`  … and ${formatCount(found.length - mostPrinted)} more`] : []),
  ];
}
