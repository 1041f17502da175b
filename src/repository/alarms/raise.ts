import { asHoldfastError } from '../../kernel/errors.ts';
import { resourceKey } from '../../kernel/entry.ts';
import type { ResourceRecord, SourceRecord } from '../contract.ts';
import { isWholeSource, type EarlierSnapshots } from '../session/earlier-snapshots.ts';
import type { RepositoryState } from '../state.ts';
import type { Alarm, AlarmSettings } from './contract.ts';
import { judgeSource, lossOf } from './sources.ts';

const alarmsKept = 50;

export interface Raised {
  /** What looks wrong: at most the first 50. */
  readonly alarms: readonly Alarm[];
  /** The sources, with what is usual for them. */
  readonly sources: readonly SourceRecord[];
}

/**
 * Gathers what the records of the resources tell, and compares the sources with the snapshot before. Never keeps a snapshot
 * from being stored: what goes wrong here is told as a notice.
 */
export async function raiseAlarms(
  state: Pick<RepositoryState, 'alarms' | 'events' | 'runtime'>,
  earlier: EarlierSnapshots,
  records: readonly ResourceRecord[],
  sources: readonly SourceRecord[],
): Promise<Raised> {
  const { alarms: settings, events } = state;
  if (settings === undefined) return { alarms: [], sources };
  const alarms: Alarm[] = [];
  const captured = new Set(records.map(({ ref }) => resourceKey(ref)));
  const judged: SourceRecord[] = [];
  for (const source of sources) {
    const found = await judgeOne(state, settings, earlier, source, captured);
    judged.push(found.source);
    if (found.alarm) alarms.push(found.alarm);
  }
  for (const { ref, source, alarms: found = [] } of records)
    for (const { kind, message } of found) alarms.push({ kind, source, resource: resourceKey(ref), message });
  for (const alarm of alarms) events({ type: 'snapshot.alarm', ...alarm });
  return { alarms: alarms.slice(0, alarmsKept), sources: judged };
}

/** Only where all of the source was asked for both times is it known what is gone. */
async function judgeOne(
  { events, runtime }: Pick<RepositoryState, 'events' | 'runtime'>,
  settings: AlarmSettings,
  earlier: EarlierSnapshots,
  source: SourceRecord,
  captured: ReadonlySet<string>,
): Promise<ReturnType<typeof judgeSource>> {
  if (!isWholeSource(source)) return { source };
  try {
    const before = await earlier.whole(source.source);
    if (before === undefined) return { source };
    const loss = await lossOf(source, earlier.records(before), (key) => captured.has(key));
    const usual = before.sources.find((one) => one.source === source.source)?.usuallyGone;
    return judgeSource(source, loss, usual, runtime.clock.now(), settings);
  } catch (error) {
    const message = `${source.source} could not be compared with the snapshot before: ${asHoldfastError(error).message}`;
    events({ type: 'notice', level: 'warning', message });
    return { source };
  }
}
