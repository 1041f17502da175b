import { resourceKey } from '../../kernel/entry.ts';
import type { ResourceRecord, SourceRecord } from '../contract.ts';
import type { Alarm, AlarmSettings, Peaks } from './contract.ts';
import { isUnusual, peaksWith, share } from './usual.ts';

/** Resources that a source had, and those that are gone. */
export interface SourceLoss {
  readonly had: { readonly resources: number; readonly bytes: number };
  readonly gone: { readonly resources: number; readonly bytes: number };
}

/** What `source` had in an earlier snapshot, and what of it is neither captured nor told as a failure now. */
export async function lossOf(
  source: SourceRecord,
  before: AsyncIterable<Pick<ResourceRecord, 'ref' | 'source' | 'bytes'>>,
  isCaptured: (key: string) => boolean,
): Promise<SourceLoss> {
  const had = { resources: 0, bytes: 0 };
  const gone = { resources: 0, bytes: 0 };
  const failed = new Set(source.failures.map(({ resource }) => resource));
  for await (const record of before) {
    if (record.source !== source.source) continue;
    had.resources++;
    had.bytes += record.bytes;
    const key = resourceKey(record.ref);
    if (isCaptured(key) || failed.has(key)) continue;
    gone.resources++;
    gone.bytes += record.bytes;
  }
  return { had, gone };
}

/** The source's record with what is usual for it, and an alarm where far more is gone. */
export function judgeSource(
  source: SourceRecord,
  { had, gone }: SourceLoss,
  usual: Peaks | undefined,
  at: number,
  settings: AlarmSettings,
): { readonly source: SourceRecord; readonly alarm?: Alarm } {
  const shareOfBytes = had.bytes >= settings.leastBytes ? share(gone.bytes, had.bytes) : 0;
  const most = Math.max(share(gone.resources, had.resources), shareOfBytes);
  const usuallyGone = peaksWith(usual, most, at);
  const judged = usuallyGone.length === 0 ? source : { ...source, usuallyGone };
  if (most < settings.gone || !isUnusual(most, usual, at)) return { source: judged };
  const message = `${gone.resources} of ${had.resources} resources are gone, with ${gone.bytes} of ${had.bytes} bytes`;
  return { source: judged, alarm: { kind: 'resources-gone', source: source.source, message } };
}
