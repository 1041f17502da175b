/**
 * Which chunks are known, and which number each has: open addressing over shared memory, 16 bytes a slot, so that all
 * threads see one table without messages. The first 4 bytes of an id choose the place, the next 12 are kept there and
 * compared. Segments are added as it grows and never move, so no thread ever waits for a rehash.
 *
 * A table to read by keeps 8 bytes of those 12, which takes a quarter less: a writer leaves away what it takes for stored,
 * a reader compares the whole id with what it read.
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
   * The number of a stored chunk; undefined when unknown or only claimed. A demoted copy is given where there is no live
   * one: that with the lowest `rank`.
   */
  locate(id: Uint8Array, rank?: (number: number) => number): ChunkPlace | undefined;
  /** Records a stored chunk. An earlier live copy stays; a demoted one is kept beside others. */
  place(id: Uint8Array, number: number, demoted?: boolean): void;
  /** Demotes every chunk chosen by its number. Looks at every slot. */
  demote(isChosen: (number: number) => boolean): void;
  /**
   * Makes room for `more` ids beforehand, and where that takes a new segment, for `coming` of them at once; returns the
   * segment to hand to the workers, if one was needed.
   */
  reserve(more: number, coming?: number): SharedArrayBuffer | undefined;
  addSegment(segment: SharedArrayBuffer): void;
  readonly segments: readonly SharedArrayBuffer[];
  /** Slots taken, claimed and demoted ones included. */
  readonly size: number;
}

export interface ChunkPlace {
  readonly number: number;
  readonly demoted: boolean;
}

/** Words of a slot: its state, then the words of the id that are compared. */
export type SlotWords = 3 | 4;

// Slots taken, words of a slot.
const headerWords = 2;
const empty = 0;
const busy = -1;
const claimed = 1;
// States from here up are numbers of chunks; a demoted chunk has the same number below zero.
const firstNumber = 2;

const smallestSegment = 16_384;
// Larger ones (32 MiB) are made only for what is known to come: half of a segment may stay empty.
const largestGrowth = 2 * 1024 * 1024;
// A lookup of an unknown id looks at 22 slots on average here, and at 50 at nine tenths; some room is kept for what threads
// claim meanwhile.
const mostFilled = 0.85;
const claimedMeanwhile = 4096;

interface Segment {
  readonly words: Int32Array;
  readonly slots: number;
  readonly slotWords: number;
}

interface Slot {
  readonly words: Int32Array;
  /** Index of its first word. */
  readonly at: number;
}

/** Over segments of another thread's table, or a new one with slots of `slotWords`: 3 for those who only read. */
export function createChunkTable(initial: readonly SharedArrayBuffer[] = [], slotWords: SlotWords = 4): ChunkTable {
  const segments: Segment[] = initial.map(openSegment);

  function newest(): Segment {
    return segments[segments.length - 1] as Segment;
  }
  function addOwn(ids: number): SharedArrayBuffer {
    const all = segments.reduce((sum, { slots }) => sum + slots, 0);
    const growth = Math.min(Math.max(Math.ceil(all / 2), smallestSegment), largestGrowth);
    const slots = Math.max(growth, Math.ceil((ids + claimedMeanwhile) / mostFilled));
    const memory = new SharedArrayBuffer((headerWords + slots * slotWords) * 4);
    new Int32Array(memory)[1] = slotWords;
    segments.push(openSegment(memory));
    return memory;
  }
  if (segments.length === 0) addOwn(0);

  /** The slot of an id that is claimed or live. */
  function find(id: Uint8Array): Slot | undefined {
    for (let s = segments.length - 1; s >= 0; s--) {
      const segment = segments[s] as Segment;
      const at = findIn(segment, id);
      if (at >= 0) return { words: segment.words, at };
    }
    return undefined;
  }
  function demotedNumbers(id: Uint8Array): number[] {
    const b = word(id, 4);
    const numbers: number[] = [];
    for (const segment of segments) {
      const { words, slots, slotWords: width } = segment;
      for (let slot = start(id, slots), probes = 0; probes < slots; slot = next(slot, slots), probes++) {
        const at = headerWords + slot * width;
        const state = settled(words, at);
        if (state === empty) break;
        if (state < 0 && words[at + 1] === b && isRest(segment, at, id)) numbers.push(-state - firstNumber);
      }
    }
    return numbers;
  }
  /**
   * Puts the id into the newest segment; false when another thread had it there first (never for a demoted one). Full:
   * stored without being known.
   */
  function insert(id: Uint8Array, state: number): boolean {
    const b = word(id, 4);
    const segment = newest();
    const { words, slots, slotWords: width } = segment;
    if (Atomics.load(words, 0) > slots * 0.95) return true;
    for (let slot = start(id, slots); ; slot = next(slot, slots)) {
      const at = headerWords + slot * width;
      if (Atomics.compareExchange(words, at, empty, busy) === empty) {
        for (let kept = 1; kept < width; kept++) words[at + kept] = word(id, kept * 4);
        Atomics.store(words, at, state);
        Atomics.add(words, 0, 1);
        return true;
      }
      if (settled(words, at) < 0 || state < 0) continue;
      if (words[at + 1] === b && isRest(segment, at, id)) return false;
    }
  }
  return {
    claim: (id) => (find(id) ? false : insert(id, claimed)),
    locate(id, rank = () => 0) {
      const found = find(id);
      const state = found ? Atomics.load(found.words, found.at) : claimed;
      if (state >= firstNumber) return { number: state - firstNumber, demoted: false };
      const [first, ...others] = demotedNumbers(id);
      if (first === undefined) return undefined;
      const best = others.reduce((least, number) => (rank(number) < rank(least) ? number : least), first);
      return { number: best, demoted: true };
    },
    place(id, number, demoted = false) {
      const found = find(id);
      const isStored = found !== undefined && Atomics.load(found.words, found.at) >= firstNumber;
      if (isStored) return;
      if (demoted) {
        if (!demotedNumbers(id).includes(number)) insert(id, -(number + firstNumber));
      } else if (found) Atomics.store(found.words, found.at, number + firstNumber);
      else insert(id, number + firstNumber);
    },
    demote(isChosen) {
      for (const { words, slotWords: width } of segments) {
        for (let at = headerWords; at < words.length; at += width) {
          const state = Atomics.load(words, at);
          if (state >= firstNumber && isChosen(state - firstNumber)) Atomics.store(words, at, -state);
        }
      }
    },
    reserve(more, coming = 0) {
      const { words, slots } = newest();
      if (Atomics.load(words, 0) + more + claimedMeanwhile <= slots * mostFilled) return undefined;
      return addOwn(Math.max(more, coming));
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
  const slotWords = words[1] as number;
  return { words, slots: (words.length - headerWords) / slotWords, slotWords };
}

/** Where the id is claimed or live in one segment; -1 where it is not. */
function findIn(segment: Segment, id: Uint8Array): number {
  const { words, slots, slotWords } = segment;
  const b = word(id, 4);
  for (let slot = start(id, slots), probes = 0; probes < slots; slot = next(slot, slots), probes++) {
    const at = headerWords + slot * slotWords;
    const state = settled(words, at);
    if (state === empty) return -1;
    if (state > 0 && words[at + 1] === b && isRest(segment, at, id)) return at;
  }
  return -1;
}

/** Whether what a slot keeps of an id is of this one, behind the first word of it. */
function isRest({ words, slotWords }: Segment, at: number, id: Uint8Array): boolean {
  return words[at + 2] === word(id, 8) && (slotWords === 3 || words[at + 3] === word(id, 12));
}

function start(id: Uint8Array, slots: number): number {
  return Math.floor(((word(id, 0) >>> 0) / 0x1_0000_0000) * slots);
}

function next(slot: number, slots: number): number {
  return slot + 1 === slots ? 0 : slot + 1;
}

/** Waits out the few instructions during which another thread fills the slot. */
function settled(words: Int32Array, at: number): number {
  let state = Atomics.load(words, at);
  while (state === busy) state = Atomics.load(words, at);
  return state;
}

function word(id: Uint8Array, at: number): number {
  return (
    (id[at] as number) | ((id[at + 1] as number) << 8) | ((id[at + 2] as number) << 16) | ((id[at + 3] as number) << 24)
  );
}
