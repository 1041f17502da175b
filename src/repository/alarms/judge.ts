import type { Activity, AlarmSettings, Ending, Peaks, ResourceAlarm, ResourceAlarmKind, Usual } from './contract.ts';
import {
  isUnusual,
  nothingUsual,
  share,
  stepOf,
  usualWith,
  type Counts,
  type Judged,
  type JudgedBefore,
} from './usual.ts';

/**
 * Compares a resource with what it was and with what it usually does. Without a snapshot before there is nothing to
 * compare with; without settings nothing is an alarm, and what is usual is learnt all the same.
 */
export function judgeResource(
  now: Judged,
  before: JudgedBefore | undefined,
  settings: AlarmSettings | undefined,
): { readonly activity: Activity; readonly alarms: readonly ResourceAlarm[] } {
  const usual = before?.activity?.usual ?? nothingUsual;
  const elapsed = before === undefined ? 0 : now.finishedAt - before.finishedAt;
  const activity = { ...now.counts, usual: usualWith(usual, stepOf(now, before), now, elapsed) };
  const alarms = before === undefined || settings === undefined ? [] : alarmsOf(now, before, usual, settings);
  return { activity, alarms };
}

function alarmsOf(now: Judged, before: JudgedBefore, usual: Usual, settings: AlarmSettings): ResourceAlarm[] {
  const { counts } = now;
  const { added, changed, removed, fresh } = counts;
  const step = stepOf(now, before);
  const isNew = (found: number, peaks: Peaks | undefined): boolean => isUnusual(found, peaks, now.finishedAt);
  const alarms: ResourceAlarm[] = [];
  const raise = (kind: ResourceAlarmKind, message: string): void => {
    alarms.push({ kind, message });
  };
  const manyEntries = before.entries >= settings.leastEntries;

  if (manyEntries && step.removed >= settings.removed && isNew(step.removed, usual.removed))
    raise('mass-deletion', `${removed} of ${before.entries} entries are gone, and ${added} are new`);

  if (before.bytes >= settings.leastBytes && step.shrunk >= settings.shrunk && isNew(step.shrunk, usual.shrunk))
    raise('size-collapse', `${now.bytes} bytes are left of ${before.bytes}`);

  const replaced = Math.min(added, removed);
  if (
    changed + replaced >= settings.leastEntries &&
    step.rewritten >= settings.changed &&
    isNew(step.rewritten, usual.rewritten) &&
    isDestructive(counts, share(changed, before.entries), settings)
  )
    raise(
      'mass-change',
      `of ${before.entries} entries ${changed} have another content, and ${replaced} gave way to new ones`,
    );

  const dense = share(counts.dense, fresh);
  const usuallyDense = share(usual.dense, usual.fresh);
  if (
    fresh >= settings.leastBytes &&
    usual.fresh > 0 &&
    dense >= settings.dense &&
    dense >= mostlyNotBefore * usuallyDense
  )
    raise(
      'encrypted',
      `${percent(dense)} of ${fresh} new bytes look encrypted or compressed; it was ${percent(usuallyDense)} before`,
    );

  const ending = newEnding(counts, before, settings);
  if (ending !== undefined)
    raise('renamed', `${ending.count} new names end in .${ending.name}, and ${removed} old names are gone`);
  return alarms;
}

const mostlyNotBefore = 2;

/**
 * A new release or a migration rewrites much as well, but with text and programs. What is destroyed is written over with
 * what looks encrypted (in places, where only parts of files are), or with the same few bytes again and again.
 */
function isDestructive({ read, fresh, dense }: Counts, changed: number, settings: AlarmSettings): boolean {
  const looksEncrypted = fresh > 0 && share(dense, fresh) >= settings.dense / 2;
  return looksEncrypted || (changed >= settings.changed && fresh <= read / 10);
}

/** One ending that hardly any name had, of most names that came, while as many went: files under new names. */
function newEnding(counts: Counts, before: JudgedBefore, settings: AlarmSettings): Ending | undefined {
  const [most] = counts.addedEndings;
  if (most === undefined || most.count < settings.leastEntries || most.count < counts.added / 2) return undefined;
  const went = counts.removed >= most.count / 2 && share(counts.removed, before.entries) >= 0.1;
  const had = before.activity?.endings.find(({ name }) => name === most.name)?.count ?? 0;
  return went && share(had, before.entries) < 0.05 ? most : undefined;
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}
