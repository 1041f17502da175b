import { HoldfastError } from '../../kernel/errors.ts';
import { createLimiter } from '../../kernel/concurrency.ts';
import { hex, utf8 } from '../../kernel/bytes.ts';
import { newId } from '../../kernel/runtime.ts';
import { resourceKey } from '../../kernel/entry.ts';
import type { ResourceRecord, Session, SessionSettings, SnapshotInfo, SourceRecord } from '../contract.ts';
import { createContentWriter } from '../engine/content-writer.ts';
import { sealDocument } from '../format/document.ts';
import { refreshIndex } from '../index/objects.ts';
import { encodeSnapshot, readSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { createTreeWriter } from '../tree/writer.ts';
import { newestCheckpoint, removeCheckpoints, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { acquireLease } from './lease.ts';
import { beginPacking, type Packing } from './packing.ts';
import { decodeResource, encodeResource, type Roots } from './record.ts';
import { openResource, type OpenResource } from './resource.ts';
import { findInTree } from '../tree/walk.ts';

export interface SessionHost {
  readonly state: RepositoryState;
  readonly previous: SnapshotInfo | undefined;
  readonly temporaryFolder: string;
  /** Bytes of metadata and packs on their way to the store. */
  readonly memory: number;
}

// Work that an interruption may cost at most, but for what is being read at that moment.
const checkpointMs = 30_000;
const checkpointBytes = 512 * 1024 * 1024;
// Contents fetched at a time; the provider's own limits are kept by the connectors' clients.
const loadsAtOnce = 64;

/** Begins a session: announces it in the store, then takes resources. */
export async function startSession(host: SessionHost, settings: SessionSettings): Promise<Session> {
  const { state, previous } = host;
  const resumed = settings.resume ? await newestCheckpoint(state, settings.estate) : undefined;
  if (settings.resume && !resumed)
    throw new HoldfastError(
      'snapshot.nothing-to-resume',
      `no interrupted snapshot of ${settings.estate} is in the repository`,
    );
  const id = hex(newId(state.runtime));
  const startedAt = resumed?.startedAt ?? state.runtime.clock.now();
  const finished = new Map<string, { record: ResourceRecord; roots: Roots }>(resumed?.finished);
  const open = new Map<string, OpenResource>();
  const earlierDocument = previous
    ? await readSnapshot(state.store, state.keyring, `${snapshotPrefix}${previous.id}`)
    : undefined;
  const packing: Packing = beginPacking(state, host.memory);
  const limiter = createLimiter(loadsAtOnce);
  const writer = createContentWriter({ pool: state.pool, dry: false, storeMetadata: packing.storeMetadata });
  let checkpoints = 0;
  let checkpointAt = state.runtime.clock.now();
  let checkpointed = 0;
  let checkpointing: Promise<void> | undefined;
  let ended = false;

  function current(): Checkpoint {
    const partial = new Map<string, Roots>();
    for (const [key, resource] of open) partial.set(key, resource.partial());
    // What the interrupted session had of resources nobody has opened again yet is still worth keeping.
    for (const [key, roots] of resumed?.partial ?? [])
      if (!partial.has(key) && !finished.has(key)) partial.set(key, roots);
    return {
      session: id,
      estate: settings.estate,
      host: settings.host,
      startedAt,
      finished: new Map(finished),
      partial,
    };
  }
  async function checkpoint(): Promise<void> {
    // The roots are taken first: all they name is then made durable before the checkpoint that names them.
    const taken = current();
    await packing.flush();
    await writeCheckpoint(state, taken, ++checkpoints);
    checkpointAt = state.runtime.clock.now();
    checkpointed = packing.bytesStored;
  }
  function breathe(): void | Promise<void> {
    const due =
      state.runtime.clock.now() - checkpointAt > checkpointMs || packing.bytesStored - checkpointed > checkpointBytes;
    if (due && !checkpointing && !ended) {
      checkpointAt = state.runtime.clock.now();
      checkpointing = checkpoint().finally(() => {
        checkpointing = undefined;
      });
      return checkpointing;
    }
    return packing.room();
  }
  function assertOpen(): void {
    if (ended) throw new HoldfastError('internal.bug', 'the session has ended');
  }
  async function commit(sources: readonly SourceRecord[]): Promise<SnapshotInfo> {
    assertOpen();
    await checkpointing;
    const tree = createTreeWriter(packing.storeMetadata);
    const totals = { resources: 0, entries: 0, bytes: 0, reused: 0 };
    for (const key of [...finished.keys()].sort((a, b) => Buffer.compare(utf8(a), utf8(b)))) {
      const { record, roots } = finished.get(key) as { record: ResourceRecord; roots: Roots };
      tree.add(utf8(key), encodeResource(record, roots), record.bytes);
      totals.resources++;
      totals.entries += record.entries;
      totals.bytes += record.bytes;
      totals.reused += record.reused;
    }
    const root = tree.finish();
    await packing.flush();
    const partial =
      [...finished.values()].some(({ record }) => record.outcome === 'partial') ||
      sources.some(
        (source) => source.failures.length > 0 || source.partial > 0 || (source.expected ?? 0) > source.captured,
      );
    const lease = await acquireLease(state.store, state.runtime);
    try {
      const committedAt = state.runtime.clock.now();
      if (committedAt - startedAt > state.configuration.longestSession) {
        throw new HoldfastError(
          'repository.session-too-long',
          'the session lasted longer than the repository allows; a pruner may no longer know of it',
        );
      }
      await refreshIndex(state);
      const info: SnapshotInfo = {
        id: hex(newId(state.runtime)),
        estate: settings.estate,
        startedAt,
        committedAt,
        outcome: partial ? 'partial' : 'complete',
        host: settings.host,
        tags: settings.tags,
        totals: { ...totals, storedBytes: packing.bytesStored },
        ...(previous ? { parent: previous.id } : {}),
      };
      const document: SnapshotDocument = { info, sources, root, generation: lease.generation };
      await lease.check();
      await state.store.put(
        `${snapshotPrefix}${info.id}`,
        [sealDocument(state.keyring, 'snapshot', encodeSnapshot(document), state.runtime)],
        { ifAbsent: true },
      );
      ended = true;
      return info;
    } finally {
      await lease.release();
    }
  }
  await checkpoint();
  return {
    id,
    finished: new Map([...finished].map(([key, { record }]) => [key, record])),
    async resource(resource) {
      assertOpen();
      const key = resourceKey(resource.ref);
      const roots = [resumed?.partial.get(key), await previousRoots(state, earlierDocument, key)];
      const opened = openResource(
        {
          state,
          writer,
          breathe,
          limit: (task) => limiter.run(task),
          storeMetadata: packing.storeMetadata,
          temporaryFolder: host.temporaryFolder,
          finished: (record, made) => {
            open.delete(key);
            finished.set(key, { record, roots: made });
          },
        },
        resource,
        roots.filter((one): one is Roots => one !== undefined),
      );
      open.set(key, opened);
      return opened;
    },
    async commit(sources) {
      const info = await commit(sources);
      await removeCheckpoints(state, id);
      if (resumed) await removeCheckpoints(state, resumed.session);
      return info;
    },
    async suspend() {
      assertOpen();
      await checkpointing;
      await checkpoint();
      ended = true;
      if (resumed) await removeCheckpoints(state, resumed.session);
    },
  };
}

async function previousRoots(
  state: RepositoryState,
  document: SnapshotDocument | undefined,
  key: string,
): Promise<Roots | undefined> {
  const value = await findInTree((id) => state.chunks.chunk('metadata', id), document?.root, utf8(key));
  return value === undefined ? undefined : decodeResource(value).roots;
}
