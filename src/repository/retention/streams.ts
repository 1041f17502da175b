import type { SourceRecord } from '../contract.ts';
import type { Candidate } from './contract.ts';

/**
 * All snapshots that hold one source, as rules are applied to them: a snapshot that holds only some sources counts only
 * for those. Of a source captured in part (`selection`) there is a stream of its own, to which the snapshots of the whole
 * source belong as well, but not the other way round: a part never stands for the whole.
 */
export interface Stream {
  readonly source: string;
  /** Newest first. */
  readonly members: readonly Member[];
}

export interface Member {
  readonly candidate: Candidate;
  /** Whether all of the source that was asked for was captured. */
  readonly complete: boolean;
}

/** What of a source a snapshot holds. */
interface Holding {
  readonly source: string;
  /** '' for all of it. */
  readonly selection: string;
  readonly complete: boolean;
}

/** The streams of one estate's snapshots, which come newest first. */
export function streamsOf(candidates: readonly Candidate[]): Stream[] {
  const streams = new Map<string, { readonly source: string; readonly selection: string }>();
  for (const candidate of candidates)
    for (const { source, selection } of holdingsOf(candidate))
      streams.set(JSON.stringify([source, selection]), { source, selection });
  return [...streams.values()].map(({ source, selection }) => ({
    source: selection === '' ? source : `${source} (${selection})`,
    members: candidates.flatMap((candidate) => {
      const held = holdingsOf(candidate).find((one) => covers(one, { source, selection }));
      return held ? [{ candidate, complete: held.complete }] : [];
    }),
  }));
}

/**
 * Ids of the snapshots that no newer one can stand for: of those newer than each, none holds completely all that this one
 * holds completely. The newest complete snapshot of every source is among them, and so is that of the whole list.
 * `candidates` come newest first.
 */
export function newestComplete(candidates: readonly Candidate[]): Set<string> {
  const front: (readonly Holding[])[] = [];
  const newest = candidates.find(({ info }) => info.outcome === 'complete');
  const ids = new Set(newest ? [newest.info.id] : []);
  for (const candidate of candidates) {
    const held = holdingsOf(candidate).filter(({ complete }) => complete);
    if (held.length === 0) continue;
    const isCovered = front.some((newer) => held.every((one) => newer.some((other) => covers(other, one))));
    if (isCovered) continue;
    front.push(held);
    ids.add(candidate.info.id);
  }
  return ids;
}

/** A snapshot that names no source is judged as one of a source without a name. */
function holdingsOf({ info, sources }: Candidate): Holding[] {
  if (sources.length === 0) return [{ source: '', selection: '', complete: info.outcome === 'complete' }];
  return sources.map((record) => ({
    source: record.source,
    selection: record.selection ?? '',
    complete: isComplete(record),
  }));
}

/** A source that came out empty is not taken for complete: it may have been emptied, and must not stand for what was there. */
function isComplete({ expected, captured, partial, failures }: SourceRecord): boolean {
  return expected !== undefined && captured > 0 && captured >= expected && partial === 0 && failures.length === 0;
}

function covers(holding: Omit<Holding, 'complete'>, wanted: Omit<Holding, 'complete'>): boolean {
  return holding.source === wanted.source && (holding.selection === '' || holding.selection === wanted.selection);
}
