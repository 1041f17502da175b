/**
 * Which chunks are known, and where: open addressing over shared memory, 24 bytes a slot, so that all threads see one
 * table without messages. A slot holds a state, the chunk's place in its group and 16 bytes of its id. Segments are added
 * as it grows and never move, so no thread ever waits for a rehash.
 *
 * Two threads that race for a new id are decided by compare-and-exchange; a lost race across segments stores a chunk
 * twice, which is harmless.
 *
 * A demoted slot is a chunk whose pack is to be deleted: readers find it where there is no other copy, writers do not,
 * so that they store the chunk again.
 */
export interface ChunkTable {
  /** True when the id was unknown or demoted: the caller must store it. False: known or claimed by another thread. */
  claim(id: Uint8Array): boolean;
  /**
   * Group (an index into the group list) and place of a stored chunk; undefined when unknown or only claimed. A demoted
   * copy is given where there is no live one: that whose group has the lowest `rank`.
   */
  locate(id: Uint8Array, rank?: (group: number) => number): ChunkPlace | undefined;
  /** Records where a chunk lies. An earlier live location stays; a demoted one is kept beside others. */
  place(id: Uint8Array, group: number, place: number, demoted?: boolean): void;
  /** Demotes every chunk of the groups chosen. Looks at every slot. */
  demote(isChosen: (group: number) => boolean): void;
  /** Makes room for `more` ids beforehand; returns the new segment to hand to the workers, if one was needed. */
  reserve(more: number): SharedArrayBuffer | undefined;
  addSegment(segment: SharedArrayBuffer): void;
  readonly segments: readonly SharedArrayBuffer[];
  /** Slots taken, claimed and demoted ones included. */
  readonly size: number;
}

export interface ChunkPlace {
  readonly group: number;
  readonly place: number;
  readonly demoted: boolean;
}

const slotWords = 6;
const headerWords = 2;
const empty = 0;
const busy = -1;
const claimed = 1;
// States from here up are groups; a demoted chunk has the same number below zero.
const firstGroup = 2;

interface Segment {
  readonly words: Int32Array;
  readonly slots: number;
}

export function createChunkTable(initial: readonly SharedArrayBuffer[] = []): ChunkTable {
  const segments: Segment[] = initial.map(openSegment);

  function newest(): Segment {
    return segments[segments.length - 1] as Segment;
  }
  function addOwn(ids: number): SharedArrayBuffer {
    let slots = 1 << 14;
    while (slots * 0.6 < ids) slots *= 2;
    const memory = new SharedArrayBuffer((headerWords + slots * slotWords) * 4);
    segments.push(openSegment(memory));
    return memory;
  }
  if (segments.length === 0) addOwn(0);

  /** The slot of an id that is claimed or live. */
  function find(id: Uint8Array): { words: Int32Array; at: number } | undefined {
    const [a, b, c, d] = prefix(id);
    for (let s = segments.length - 1; s >= 0; s--) {
      const { words, slots } = segments[s] as Segment;
      for (let slot = start(a, slots), probes = 0; probes < slots; slot = (slot + 1) & (slots - 1), probes++) {
        const at = headerWords + slot * slotWords;
        const state = settled(words, at);
        if (state === empty) break;
        if (state > 0 && words[at + 2] === a && words[at + 3] === b && words[at + 4] === c && words[at + 5] === d)
          return { words, at };
      }
    }
    return undefined;
  }
  function demotedPlaces(id: Uint8Array): ChunkPlace[] {
    const [a, b, c, d] = prefix(id);
    const places: ChunkPlace[] = [];
    for (const { words, slots } of segments) {
      for (let slot = start(a, slots), probes = 0; probes < slots; slot = (slot + 1) & (slots - 1), probes++) {
        const at = headerWords + slot * slotWords;
        const state = settled(words, at);
        if (state === empty) break;
        if (state < 0 && words[at + 2] === a && words[at + 3] === b && words[at + 4] === c && words[at + 5] === d)
          places.push({ group: -state - firstGroup, place: words[at + 1] as number, demoted: true });
      }
    }
    return places;
  }
  /**
   * Puts the id into the newest segment; false when another thread had it there first (never for a demoted one). Full:
   * stored without being known.
   */
  function insert(id: Uint8Array, state: number, place: number): boolean {
    const [a, b, c, d] = prefix(id);
    const { words, slots } = newest();
    if (Atomics.load(words, 0) > slots * 0.95) return true;
    for (let slot = start(a, slots); ; slot = (slot + 1) & (slots - 1)) {
      const at = headerWords + slot * slotWords;
      if (Atomics.compareExchange(words, at, empty, busy) === empty) {
        words[at + 1] = place;
        words[at + 2] = a;
        words[at + 3] = b;
        words[at + 4] = c;
        words[at + 5] = d;
        Atomics.store(words, at, state);
        Atomics.add(words, 0, 1);
        return true;
      }
      if (settled(words, at) < 0 || state < 0) continue;
      if (words[at + 2] === a && words[at + 3] === b && words[at + 4] === c && words[at + 5] === d) return false;
    }
  }
  return {
    claim: (id) => (find(id) ? false : insert(id, claimed, 0)),
    locate(id, rank = () => 0) {
      const found = find(id);
      const state = found ? Atomics.load(found.words, found.at) : claimed;
      if (found && state >= firstGroup)
        return { group: state - firstGroup, place: found.words[found.at + 1] as number, demoted: false };
      let best: ChunkPlace | undefined;
      for (const place of demotedPlaces(id)) if (!best || rank(place.group) < rank(best.group)) best = place;
      return best;
    },
    place(id, group, place, demoted = false) {
      const found = find(id);
      const isStored = found !== undefined && Atomics.load(found.words, found.at) >= firstGroup;
      if (isStored) return;
      if (demoted) {
        if (demotedPlaces(id).every((known) => known.group !== group)) insert(id, -(group + firstGroup), place);
      } else if (found) {
        found.words[found.at + 1] = place;
        Atomics.store(found.words, found.at, group + firstGroup);
      } else insert(id, group + firstGroup, place);
    },
    demote(isChosen) {
      for (const { words, slots } of segments) {
        for (let at = headerWords; at < headerWords + slots * slotWords; at += slotWords) {
          const state = Atomics.load(words, at);
          if (state >= firstGroup && isChosen(state - firstGroup)) Atomics.store(words, at, -state);
        }
      }
    },
    reserve(more) {
      const { words, slots } = newest();
      if (Atomics.load(words, 0) + more <= slots * 0.6) return undefined;
      return addOwn(Math.max(more, slots));
    },
    addSegment: (memory) => {
      segments.push(openSegment(memory));
    },
    get segments() {
      return segments.map((segment) => segment.words.buffer as SharedArrayBuffer);
    },
    get size() {
      return segments.reduce((sum, segment) => sum + Atomics.load(segment.words, 0), 0);
    },
  };
}

function openSegment(memory: SharedArrayBuffer): Segment {
  const words = new Int32Array(memory);
  return { words, slots: (words.length - headerWords) / slotWords };
}

function start(word: number, slots: number): number {
  return (word >>> 0) & (slots - 1);
}

/** Waits out the few instructions during which another thread fills the slot. */
function settled(words: Int32Array, at: number): number {
  let state = Atomics.load(words, at);
  while (state === busy) state = Atomics.load(words, at);
  return state;
}

function prefix(id: Uint8Array): [number, number, number, number] {
  return [word(id, 0), word(id, 4), word(id, 8), word(id, 12)];
}

function word(id: Uint8Array, at: number): number {
  return (
    (id[at] as number) | ((id[at + 1] as number) << 8) | ((id[at + 2] as number) << 16) | ((id[at + 3] as number) << 24)
  );
}
