import type { CaptureSink, CollectionSink } from '../../kernel/capture.ts';
import { resourceKey, type LedgerNote } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import { displayBytes, utf8 } from '../../kernel/bytes.ts';
import type { ResourceRecord, ResourceSession, ResourceSettings } from '../contract.ts';
import type { ContentWriter } from '../engine/content-writer.ts';
import type { RepositoryState } from '../state.ts';
import { encodeEntry } from '../tree/entry.ts';
import { createTreeWriter, type TreeWriter } from '../tree/writer.ts';
import type { TreeRef } from '../tree/page.ts';
import { createActivityCounter } from '../alarms/activity.ts';
import { judgeResource } from '../alarms/judge.ts';
import { createCollection, type News, type OrderedCollection } from './collection.ts';
import { ascendingEarlier, forgivingEarlier, noteLoss, searchingEarlier } from './earlier.ts';
import { checksumOf, type Roots } from './record.ts';
import type { ResolveSettings, ResolvedEntry } from './resolve-entry.ts';
import { isContentWhole } from './wholeness.ts';
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
  let failed = 0;

  function fail(error: HoldfastError, item?: { readonly collection: string; readonly key: string | Uint8Array }): void {
    failed++;
    if (failures.length >= failuresKept) return;
    const key = item === undefined ? undefined : displayBytes(typeof item.key === 'string' ? utf8(item.key) : item.key);
    const name = key === undefined ? undefined : [item?.collection, key].filter((part) => part !== '').join('/');
    failures.push({ code: error.code, message: error.message, ...(name === undefined ? {} : { item: name }) });
  }
  const lost = (error: HoldfastError): void => noteLoss(state, resourceKey(settings.ref), error);
  function open(name: string, sorted: boolean): CollectionSink {
    const known = collections.get(name);
    if (known) return known.ordered.sink;
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
      fail: (error, key) => fail(error, { collection: name, key }),
      take: (key, entry, news) => take(tree, sorter, key, entry, news),
    });
    collections.set(name, { ordered, tree, sorter });
    return ordered.sink;
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
    fail,
    note: (note) => ledger.push(note),
  };
  async function finishCollection({ ordered, tree, sorter }: Collection): Promise<TreeRef | undefined> {
    await ordered.finish();
    if (sorter) {
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
      const counts = counter.counts(before?.entries ?? 0, failed);
      const { activity, alarms } = judgeResource({ ...progress, finishedAt, counts }, before, state.alarms);
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
