import type { CollectionSink, NewEntry } from '../../kernel/capture.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { compareBytes, displayBytes, utf8 } from '../../kernel/bytes.ts';
import { sameContent, type ContentRef } from '../tree/content.ts';
import type { StoredEntry } from '../tree/entry.ts';
import type { EarlierEntries } from './earlier.ts';
import { resolveEntry, resolveRow, reuseEntry, type ResolvedEntry, type ResolveSettings } from './resolve-entry.ts';

/** Takes entries, resolves many at a time, and hands them on in the order in which they were added. */
export interface OrderedCollection {
  readonly sink: CollectionSink;
  /** Waits until everything added was handed on; throws the first error that is not an item's. */
  finish(): Promise<void>;
}

export interface CollectionSettings {
  readonly sorted: boolean;
  readonly resolve: ResolveSettings;
  /** Where unchanged content may come from, best first; the last one is the snapshot before. */
  readonly earlier: readonly EarlierEntries[];
  /** Whether all of an earlier entry's content is still in the repository. */
  readonly isWhole: (entry: StoredEntry) => boolean | Promise<boolean>;
  /** Nothing is taken over unread, but for content that cannot be read any more: an archived object's marker has none. */
  readonly reread?: boolean;
  /** Takes one resolved entry; in order. May wait (back-pressure). */
  readonly take: (key: Uint8Array, entry: ResolvedEntry, news: News) => void | Promise<void>;
  readonly fail: (error: HoldfastError, key: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

// Entries in flight: enough to keep every worker and connection busy, few enough to stay small.
const windowEntries = 2048;

/** Compared with the snapshot before; undefined also for entries without a fingerprint, which are not looked for there. */
export type News = 'added' | 'changed' | undefined;

interface Slot {
  readonly key: Uint8Array;
  /** What the snapshot before had; undefined: not looked for. */
  readonly before: ContentRef | 'nothing' | undefined;
  done: ResolvedEntry | undefined;
  settled: boolean;
}

export function createCollection(settings: CollectionSettings): OrderedCollection {
  const queue: Slot[] = [];
  let head = 0;
  let last: Uint8Array | undefined;
  let failure: { error: unknown } | undefined;
  let draining = false;
  let wake: (() => void)[] = [];

  function throwIfFailed(): void {
    if (failure) throw failure.error;
  }
  function wakeAll(): void {
    const sleeping = wake;
    wake = [];
    for (const go of sleeping) go();
  }
  /** Hands on whatever is settled at the queue's head. One drain runs at a time, so order is kept across waits. */
  async function drain(): Promise<void> {
    if (draining) return;
    draining = true;
    let handedOn = 0;
    try {
      while (head < queue.length && (queue[head] as Slot).settled && !failure) {
        const slot = queue[head++] as Slot;
        if (slot.done) {
          const waiting = settings.take(slot.key, slot.done, newsOf(slot.before, slot.done.stored.content));
          if (waiting) await waiting;
        }
        handedOn++;
        if (head < 1024) continue;
        queue.splice(0, head);
        head = 0;
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      draining = false;
      if (handedOn > 0 || failure) wakeAll();
    }
  }
  function settle(slot: Slot, done: ResolvedEntry | undefined): void {
    slot.done = done;
    slot.settled = true;
    if (!draining && queue[head] === slot) void drain();
  }
  async function resolve(slot: Slot, entry: NewEntry): Promise<void> {
    try {
      settle(slot, await resolveEntry(settings.resolve, slot.key, entry));
    } catch (error) {
      if (isItemError(error)) settings.fail(error, slot.key);
      else failure ??= { error };
      settle(slot, undefined);
      if (failure) wakeAll();
    }
  }
  /** Whether content and details may be taken over. Waits only where a look into tables does not tell. */
  function isUsable(found: StoredEntry, entry: NewEntry): boolean | Promise<boolean> {
    if (settings.reread && entry.kind !== 'marker') return false;
    // A marker where there was a blob: the same object, archived since. Its content is in the repository and stays.
    const isSameKind = found.kind === entry.kind || (entry.kind === 'marker' && found.kind === 'blob');
    return isSameKind && found.fingerprint === entry.fingerprint && settings.isWhole(found);
  }
  async function add(entry: NewEntry): Promise<void> {
    throwIfFailed();
    settings.signal?.throwIfAborted();
    const key = typeof entry.key === 'string' ? utf8(entry.key) : entry.key;
    if (settings.sorted) {
      if (last && compareBytes(last, key) >= 0)
        throw new HoldfastError(
          'internal.bug',
          `${displayBytes(key)} came after ${displayBytes(last)} in a sorted collection`,
        );
      last = key;
    }
    let earlier: StoredEntry | undefined;
    let before: Slot['before'];
    if (entry.fingerprint !== undefined) {
      for (const source of settings.earlier) {
        const looking = source.find(key);
        const found = looking instanceof Promise ? await looking : looking;
        before = found?.content ?? 'nothing';
        if (!found || earlier) continue;
        const usable = isUsable(found, entry);
        if (usable instanceof Promise ? await usable : usable) earlier = found;
      }
    }
    const slot: Slot = { key, before, done: undefined, settled: false };
    queue.push(slot);
    const atHand = earlier ? reuseEntry(entry, earlier) : resolveRow(entry);
    if (atHand) settle(slot, atHand);
    else void resolve(slot, entry);
    while (queue.length - head >= windowEntries && !failure) await new Promise<void>((go) => wake.push(go));
  }
  async function idle(): Promise<void> {
    await drain();
    while (head < queue.length && !failure) await new Promise<void>((go) => wake.push(go));
    throwIfFailed();
  }
  return {
    sink: { add, idle },
    async finish() {
      try {
        await idle();
      } finally {
        for (const source of settings.earlier) await source.close();
      }
    },
  };
}

/** By the content: other times, rights or an unlike fingerprint alone are no change. */
function newsOf(before: Slot['before'], content: ContentRef): News {
  if (before === undefined) return undefined;
  if (before === 'nothing') return 'added';
  return sameContent(before, content) ? undefined : 'changed';
}
