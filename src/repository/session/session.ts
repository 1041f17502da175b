import { HoldfastError } from '../../kernel/errors.ts';
import { createLimiter } from '../../kernel/concurrency.ts';
import { hex, utf8 } from '../../kernel/bytes.ts';
import { newId } from '../../kernel/runtime.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { isPending } from '../../kernel/recovery-point.ts';
import type { ResourceRecord, SnapshotInfo, SourceRecord } from '../contract.ts';
import type { SessionSettings } from './contract.ts';
import { raiseAlarms } from '../alarms/raise.ts';
import { createContentWriter } from '../engine/content-writer.ts';
import { refreshLocations } from '../index/objects.ts';
import { knownMarks } from '../marks/read.ts';
import { extendAfterCommit } from '../lock/keeping.ts';
import { shareOf } from '../memory.ts';
import type { RepositoryState } from '../state.ts';
import { createTreeWriter } from '../tree/writer.ts';
import { newestCheckpoint, removeCheckpoints, seenFrom, type Checkpoint } from './checkpoint.ts';
import { keepCheckpoints } from './checkpointing.ts';
import { commitSnapshot } from './commit.ts';
import type { CommittedAs, ImportingSession } from './import.ts';
import { announceSession, awaitSilence } from './presence.ts';
import { beginPacking, type Packing } from './packing.ts';
import { openEarlierSnapshots } from './earlier-snapshots.ts';
import { isPartial } from './outcome.ts';
import { encodeResource, type Roots } from './record.ts';
import { openResource, type OpenResource } from './resource.ts';

export interface SessionHost {
  readonly state: RepositoryState;
  /** The estate's snapshots, oldest first. */
  readonly earlier: readonly SnapshotInfo[];
  /** When the latest begun of the estate's snapshots began; -Infinity where there is none. */
  readonly newestStart: number;
  readonly temporaryFolder: string;
  /** Bytes of metadata and packs on their way to the store. */
  readonly memory: number;
}

// Contents fetched at a time; the provider's own limits are kept by the connectors' clients.
const loadsAtOnce = 64;

/** A session as its repository holds it. */
export interface OwnSession extends ImportingSession {
  /** Gives it up where it stands: it takes nothing more, and no sign of life comes from it. */
  abandon(): Promise<void>;
}

/**
 * Begins a session: announces it in the store, then takes resources. Throws snapshot.nothing-to-resume and
 * repository.session-active where it cannot go on with another one.
 */
export async function startSession(host: SessionHost, settings: SessionSettings): Promise<OwnSession> {
  const { state } = host;
  const { longestSession } = state.configuration;
  const id = hex(newId(state.runtime));
  const presence = await announceSession(state, id);
  // Marks made from now on are unknown to this session: from here its time counts. The previous snapshot was read before:
  // it may be another writer's, and its chunks in packs that were indexed since the repository was opened.
  await refreshLocations(state);
  // A session as old as a snapshot was committed (and died before it could tidy up), or was given up for another one.
  const isUnfinished = (checkpoint: Checkpoint): boolean =>
    checkpoint.startedAt > host.newestStart && presence.announcedAt - checkpoint.announcedAt <= longestSession;
  const interrupted = settings.resume ? await newestCheckpoint(state, settings.estate, isUnfinished) : undefined;
  if (settings.resume && !interrupted) {
    await presence.leave();
    throw new HoldfastError(
      'snapshot.nothing-to-resume',
      `no interrupted snapshot of ${settings.estate} is in the repository`,
    );
  }
  if (interrupted) await awaitSilence(state, interrupted, presence);
  const resumed = interrupted && seenFrom(settings.host, interrupted);
  const announcedAt = Math.min(presence.announcedAt, resumed?.announcedAt ?? Infinity);
  const marks = resumed?.marks ?? knownMarks(state.marks);
  const startedAt = resumed?.startedAt ?? state.runtime.clock.now();
  const finished = new Map<string, { record: ResourceRecord; roots: Roots }>(resumed?.finished);
  const open = new Map<string, Pick<OpenResource, 'partial'>>();
  const earlier = await openEarlierSnapshots(state, host.earlier);
  const packing: Packing = await beginPacking(state, host.memory);
  const limiter = createLimiter(loadsAtOnce);
  const writer = createContentWriter({ pool: state.pool, dry: false, storeMetadata });
  let closed = false;
  let ended = false;

  function current(): Omit<Checkpoint, 'storedBytes'> {
    const partial = new Map<string, Roots>();
    // What the interrupted session had got further with is still worth keeping.
    for (const [key, roots] of resumed?.partial ?? []) if (!finished.has(key)) partial.set(key, roots);
    for (const [key, resource] of open) partial.set(key, furthest(resource.partial(), partial.get(key)));
    return {
      session: id,
      estate: settings.estate,
      host: settings.host,
      startedAt,
      announcedAt,
      marks,
      finished: new Map(finished),
      partial,
    };
  }
  function assertOpen(): void {
    if (ended) throw new HoldfastError('internal.bug', 'the session has ended');
  }
  async function commit(sources: readonly SourceRecord[], as?: CommittedAs): Promise<SnapshotInfo> {
    assertOpen();
    await checkpoints.settled();
    await close();
    const tree = createTreeWriter(packing.storeMetadata);
    const totals = { resources: 0, entries: 0, bytes: 0, reused: 0 };
    for (const [key, { record, roots }] of inOrder()) {
      tree.add(utf8(key), encodeResource(record, roots), record.bytes);
      totals.resources++;
      totals.entries += record.entries;
      totals.bytes += record.bytes;
      totals.reused += record.reused;
    }
    const root = tree.finish();
    await checkpoints.flush();
    const records = inOrder().map(([, { record }]) => record);
    const pendingPoints = records.flatMap(({ points = [] }) => points.filter(isPending)).length;
    // A copy says what its original said.
    const raised = as ? { alarms: [], sources } : await raiseAlarms(state, earlier, records, sources);
    const info = await commitSnapshot(state, {
      info: {
        estate: settings.estate,
        startedAt,
        outcome: isPartial(records, sources) ? 'partial' : 'complete',
        host: settings.host,
        tags: settings.tags,
        totals: { ...totals, storedBytes: storedBytes() },
        ...(earlier.newest === undefined ? {} : { parent: earlier.newest }),
        ...(raised.alarms.length > 0 ? { alarms: raised.alarms } : {}),
        ...(pendingPoints > 0 ? { pendingPoints } : {}),
      },
      sources: raised.sources,
      root,
      announcedAt,
      marks,
      ...(as ? { as } : {}),
    });
    ended = true;
    return info;
  }
  function inOrder(): [string, { readonly record: ResourceRecord; readonly roots: Roots }][] {
    return [...finished].sort(([a], [b]) => Buffer.compare(utf8(a), utf8(b)));
  }
  /** Ends the taking in of contents: what came after the last flush would be claimed in the chunk table and never stored. */
  function close(): Promise<void> {
    closed = true;
    writer.close();
    return checkpoints.stop();
  }
  function storeMetadata(bytes: Uint8Array): Uint8Array {
    if (closed) throw new HoldfastError('run.interrupted', 'the session ended before this was stored');
    return packing.storeMetadata(bytes);
  }
  function storedBytes(): number {
    return (resumed?.storedBytes ?? 0) + packing.bytesStored;
  }
  const checkpoints = await keepCheckpoints({ state, packing, presence, announcedAt, current, storedBytes });
  // All it knew stands in the checkpoint just written.
  if (resumed) await removeCheckpoints(state, resumed.session);
  return {
    id,
    startedAt,
    finished: new Map([...finished].map(([key, { record }]) => [key, record])),
    records: () => inOrder().map(([, { record }]) => record),
    async resource(resource) {
      assertOpen();
      const key = resourceKey(resource.ref);
      const before = await earlier.resource(key, resource.source);
      const opened = openResource(
        {
          state,
          writer,
          breathe: checkpoints.breathe,
          limit: (task) => limiter.run(task),
          storeMetadata,
          temporaryFolder: host.temporaryFolder,
          sorterMemory: shareOf(host.memory),
          reread: settings.reread ?? false,
          finished: (record, made) => {
            open.delete(key);
            finished.set(key, { record, roots: made });
            checkpoints.changed();
          },
        },
        resource,
        { interrupted: resumed?.partial.get(key), before },
      );
      open.set(key, opened);
      return opened;
    },
    amend(key, record) {
      assertOpen();
      const held = finished.get(key);
      if (!held) throw new HoldfastError('internal.bug', `${key} is not finished`, { resource: key });
      finished.set(key, { record, roots: held.roots });
      checkpoints.changed();
    },
    async abandon() {
      ended = true;
      await close();
      await presence.leave();
    },
    import: {
      writer,
      storeMetadata,
      storeData(bytes) {
        if (closed) throw new HoldfastError('run.interrupted', 'the session ended before this was stored');
        return packing.storeData(bytes);
      },
      breathe: () => checkpoints.breathe(),
      interrupted: (key) => resumed?.partial.get(key),
      begin(key, partial) {
        assertOpen();
        open.set(key, { partial });
      },
      finish(key, record, roots) {
        open.delete(key);
        finished.set(key, { record, roots });
        checkpoints.changed();
      },
    },
    async commit(sources, as) {
      const info = await commit(sources, as);
      await extendAfterCommit(state, info.id);
      await removeCheckpoints(state, id);
      return info;
    },
    async suspend() {
      assertOpen();
      await checkpoints.settled();
      const taken = current();
      await close();
      await checkpoints.write(taken);
      await presence.leave();
      ended = true;
    },
  };
}

/** Of each collection the tree that holds more entries. */
function furthest(roots: Roots, others: Roots | undefined): Roots {
  const merged = new Map(roots);
  for (const [name, root] of others ?? []) if (root.entries > (roots.get(name)?.entries ?? 0)) merged.set(name, root);
  return merged;
}
