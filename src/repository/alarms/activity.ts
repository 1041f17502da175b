import type { ContentRef } from '../tree/content.ts';
import type { Ending } from './contract.ts';
import type { Counts } from './usual.ts';

/** Counts what a snapshot does to one resource. */
export interface ActivityCounter {
  entry(entry: {
    readonly key: Uint8Array;
    readonly content: Pick<ContentRef, 'size' | 'inline' | 'novelty'>;
    /** Taken over unread. */
    readonly reused: boolean;
    readonly news: 'added' | 'changed' | undefined;
  }): void;
  /** `before`: entries of the snapshot before. `failed`: entries that are missing because they could not be captured, Infinity: nobody knows how many. */
  counts(before: number, failed: number): Counts;
}

const endingsKept = 5;
// Names like `x.1732197600` give each their own ending: they are no kind of file.
const mostEndings = 1000;
const longestEnding = 16;

export function createActivityCounter(): ActivityCounter {
  const counts = { entries: 0, added: 0, changed: 0, read: 0, fresh: 0, dense: 0 };
  const all: Tally = new Map();
  const ofAdded: Tally = new Map();

  return {
    entry({ key, content, reused, news }) {
      counts.entries++;
      const start = startOfEnding(key);
      if (start > 0) countIn(all, key, start);
      if (news === 'changed') counts.changed++;
      if (news === 'added') {
        counts.added++;
        if (start > 0) countIn(ofAdded, key, start);
      }
      if (reused) return;
      counts.read += content.size;
      // What lies in the tree itself is no chunk that could be known.
      counts.fresh += content.novelty?.fresh ?? (content.inline && news ? content.size : 0);
      counts.dense += content.novelty?.dense ?? 0;
    },
    counts(before, failed) {
      const { entries, ...rest } = counts;
      const removed = Math.max(0, before - (entries - rest.added) - failed);
      return { ...rest, removed, endings: mostFrequent(all), addedEndings: mostFrequent(ofAdded) };
    },
  };
}

/** By a hash of the ending: a text per entry would cost more than everything else here. */
type Tally = Map<number, { readonly name: string; count: number }>;

function countIn(tally: Tally, key: Uint8Array, start: number): void {
  let hash = 0;
  for (let i = start; i < key.length; i++) hash = (Math.imul(hash, 31) + lower(key[i] as number)) | 0;
  const known = tally.get(hash);
  if (known !== undefined) known.count++;
  else if (tally.size < mostEndings)
    tally.set(hash, { name: Buffer.from(key.subarray(start).map(lower)).toString(), count: 1 });
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

const slash = 0x2f;
const dot = 0x2e;

/** Where `txt` of `a/b.txt` begins; -1 where there is none, also for `.profile` and directories. */
function startOfEnding(key: Uint8Array): number {
  const end = key.length;
  for (let i = end - 1; i > 0 && end - i <= longestEnding; i--) {
    if (key[i] === slash) return -1;
    if (key[i] === dot) return i === end - 1 || key[i - 1] === slash ? -1 : i + 1;
  }
  return -1;
}

function mostFrequent(tally: Tally): Ending[] {
  return [...tally.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)).slice(0, endingsKept);
}
