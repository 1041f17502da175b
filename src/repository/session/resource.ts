import type { CaptureSink, CollectionSink, IncrementSink } from '../../kernel/capture.ts';
import { resourceKey, type CapturedResource, type LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { displayBytes, utf8 } from '../../kernel/bytes.ts';
import type { ResourceRecord } from '../contract.ts';
import type { ResourceSession, ResourceSettings } from './contract.ts';
import type { ContentWriter } from '../engine/content-writer.ts';
import type { RepositoryState } from '../state.ts';
import { encodeEntry } from '../tree/entry.ts';
import { createTreeWriter, type TreeWriter } from '../tree/writer.ts';
import type { TreeRef } from '../tree/page.ts';
import { createActivityCounter } from '../alarms/activity.ts';
import { judgeResource } from '../alarms/judge.ts';
import { mergeIncrement, removal, type IncrementBase } from './increment.ts';
import { hideOthers, type FailedItem } from './hidden.ts';
import { createCollection, type News, type OrderedCollection } from './collection.ts';
import { ascendingEarlier, forgivingEarlier, noteLoss, searchingEarlier } from './earlier.ts';
import { checksumOf, type Roots } from './record.ts';
import type { ResolveSettings, ResolvedEntry } from './resolve-entry.ts';
import { isContentWhole } from './wholeness.ts';
import { storedResource } from '../read/captured.ts';
import { createSorter, type Sorter } from './sorter.ts';

/** What a resource's session needs of the session around it. */
export interface ResourceHost {
  readonly state: RepositoryState;
  readonly writer: ContentWriter;
  readonly limit: ResolveSettings['limit'];
  readonly storeMetadata: (bytes: Uint8Array) => Uint8Array;
  /** Waits while too much metadata is on its way; may write a checkpoint. */
  readonly breathe: (loaded?: boolean) => void | Promise<void>;
  readonly temporaryFolder: string;
  /** Bytes that an unsorted collection holds before they go to temporary files. */
  readonly sorterMemory: number;
  /** Nothing is taken over from earlier captures (SessionSettings). */
  readonly reread: boolean;
  readonly finished: (record: ResourceRecord, roots: Roots) => void;
}

export interface OpenResource extends ResourceSession {
  /** Roots of what is complete so far in sorted collections, for a checkpoint. */
  partial(): Roots;
}

const failuresKept = 100;

interface Collection {
  readonly ordered: OrderedCollection;
  readonly tree: TreeWriter;
  readonly sorter: Sorter | undefined;
  /** What its changes go over. */
  readonly base?: IncrementBase;
}

/** What a resource is compared with. */
export interface EarlierCaptures {
  /** What an interrupted session had of it. */
  readonly interrupted: Roots | undefined;
  readonly before: { readonly record: ResourceRecord; readonly roots: Roots } | undefined;
}

export function openResource(host: ResourceHost, settings: ResourceSettings, earlier: EarlierCaptures): OpenResource {
  const { state } = host;
  const startedAt = state.runtime.clock.now();
  const collections = new Map<string, Collection>();
  const ledger: LedgerNote[] = [];
  const failures: { code: string; message: string; item?: string }[] = [];
  const progress = { entries: 0, reused: 0, bytes: 0 };
  const load = (id: Uint8Array): Promise<Uint8Array> => state.chunks.chunk('metadata', id);
  const counter = createActivityCounter();
  const failedItems: FailedItem[] = [];
  let failed = 0;

  function fail(error: HoldfastError, item?: FailedItem): void {
    failed++;
    if (failures.length >= failuresKept) return;
    failedItems.push(item);
    const key = item === undefined ? undefined : displayBytes(typeof item.key === 'string' ? utf8(item.key) : item.key);
    const name = key === undefined ? undefined : [item?.collection, key].filter((part) => part !== '').join('/');
    failures.push({ code: error.code, message: error.message, ...(name === undefined ? {} : { item: name }) });
  }
  const lost = (error: HoldfastError): void => noteLoss(state, resourceKey(settings.ref), error);
  function open(name: string, sorted: boolean): CollectionSink {
    return (collections.get(name) ?? create(name, sorted)).ordered.sink;
  }
  function create(name: string, sorted: boolean, base?: IncrementBase): Collection {
    const tree = createTreeWriter(host.storeMetadata);
    const sorter = sorted
      ? undefined
      : createSorter({ runtime: state.runtime, folder: host.temporaryFolder, memory: host.sorterMemory });
    const roots = [earlier.interrupted?.get(name), earlier.before?.roots.get(name)];
    const ordered = createCollection({
      sorted,
      resolve: { writer: host.writer, limit: host.limit, inlineDocuments: false },
      earlier: roots.map((root) =>
        forgivingEarlier(sorted ? ascendingEarlier(load, root) : searchingEarlier(load, root), lost),
      ),
      isWhole: (entry) => isContentWhole(state, entry.content),
      reread: host.reread,
      fail: (error, key) => fail(error, { collection: name, key }),
      // Of changes, what stays in the end is counted when it is known.
      take: (key, entry, news) => {
        const { stored } = entry;
        if (base && sorter) return sorter.add({ key, value: encodeEntry(stored), size: stored.content.size });
        return take(tree, sorter, key, entry, news);
      },
    });
    const made = { ordered, tree, sorter, ...(base ? { base } : {}) };
    collections.set(name, made);
    return made;
  }
  function openIncrement(name: string, told: (error: HoldfastError) => void): IncrementSink {
    const lose = (cause: HoldfastError | undefined): void => {
      const why = cause?.message ?? 'content of it is not in the repository any more';
      const error = new HoldfastError('item.unreadable', `${name} as captured before cannot be read: ${why}`);
      if (cause) lost(cause);
      fail(error);
      told(error);
    };
    const base: IncrementBase = {
      load,
      root: earlier.before?.roots.get(name),
      isWhole: (entry) => isContentWhole(state, entry.content),
      lost: lose,
    };
    const { ordered, sorter } = create(name, false, base);
    return {
      ...ordered.sink,
      async remove(key) {
        await ordered.sink.idle();
        await sorter?.add(removal(typeof key === 'string' ? utf8(key) : key));
      },
    };
  }
  async function finishIncrement({ tree, sorter }: Collection, base: IncrementBase): Promise<void> {
    if (!sorter) return;
    for await (const { key, value, size, entry, reused } of mergeIncrement(base, sorter.sorted())) {
      progress.entries++;
      progress.bytes += size;
      if (reused) progress.reused++;
      counter.entry({ key, content: entry.content, reused, news: undefined });
      tree.add(key, value, size);
      const waiting = host.breathe();
      if (waiting) await waiting;
    }
  }
  function take(
    tree: TreeWriter,
    sorter: Sorter | undefined,
    key: Uint8Array,
    entry: ResolvedEntry,
    news: News,
  ): void | Promise<void> {
    const { content } = entry.stored;
    const { size } = content;
    progress.entries++;
    progress.bytes += size;
    if (entry.reused) progress.reused++;
    counter.entry({ key, content, reused: entry.reused, news });
    const value = encodeEntry(entry.stored);
    if (sorter) return sorter.add({ key, value, size });
    tree.add(key, value, size);
    return host.breathe(entry.loaded);
  }
  const sink: CaptureSink = {
    get root() {
      return open('', false);
    },
    collection: (name, options) => open(name, options?.order !== 'unsorted'),
    increment: {
      ...(earlier.before && !host.reread ? { previous: previousOf(earlier.before) } : {}),
      collection: openIncrement,
    },
    fail,
    note: (note) => ledger.push(note),
  };
  function previousOf({ record, roots }: NonNullable<EarlierCaptures['before']>): CapturedResource {
    return storedResource(state.chunks, record, roots);
  }
  async function finishCollection(collection: Collection): Promise<TreeRef | undefined> {
    const { ordered, tree, sorter, base } = collection;
    await ordered.finish();
    if (base) await finishIncrement(collection, base);
    else if (sorter) {
      for await (const { key, value, size } of sorter.sorted()) {
        tree.add(key, value, size);
        const waiting = host.breathe();
        if (waiting) await waiting;
      }
    }
    return tree.finish();
  }
  async function finishAll(): Promise<Roots> {
    const roots = new Map<string, TreeRef>();
    try {
      for (const [name, collection] of collections) {
        const root = await finishCollection(collection);
        if (root) roots.set(name, root);
      }
    } finally {
      for (const { sorter } of collections.values()) await sorter?.discard();
    }
    return roots;
  }
  return {
    sink,
    progress,
    partial() {
      const roots = new Map<string, TreeRef>();
      for (const [name, { tree, sorter }] of collections) {
        const root = sorter ? undefined : tree.partial();
        if (root) roots.set(name, root);
      }
      return roots;
    },
    async finish(moment) {
      host.writer.flush();
      const roots = await finishAll();
      const shown = moment?.();
      const { ref, source, tags, site, environment } = settings;
      const finishedAt = state.runtime.clock.now();
      const before = earlier.before?.record;
      const known = earlier.before && { load, lost, roots: earlier.before.roots };
      const hidden = known !== undefined && (await hideOthers(failedItems, known));
      const counts = counter.counts(before?.entries ?? 0, hidden ? Infinity : failed);
      const { activity, alarms } = judgeResource({ ...progress, finishedAt, counts, hidden }, before, state.alarms);
      const record: ResourceRecord = {
        ref,
        tags,
        source,
        ...(site === undefined ? {} : { site }),
        ...(environment === undefined ? {} : { environment }),
        startedAt,
        finishedAt,
        outcome: failed > 0 ? 'partial' : 'complete',
        ...progress,
        checksum: checksumOf(roots),
        ledger,
        failures,
        failed,
        activity,
        ...(alarms.length > 0 ? { alarms } : {}),
        ...(shown ? { moment: shown } : {}),
      };
      host.finished(record, roots);
      return record;
    },
  };
}
