import { HoldfastError, isCode } from '../kernel/errors.ts';
import { hex } from '../kernel/bytes.ts';
import type { CapturedResource } from '../kernel/entry.ts';
import { openArchive } from './cold/archive.ts';
import { checkRepository } from './check/check.ts';
import { verifyRepository } from './check/verify.ts';
import { checkWritable } from './configuration.ts';
import type { Repository } from './contract.ts';
import type { EntryChange } from './read/contract.ts';
import type { SessionSettings } from './session/contract.ts';
import { copySnapshots } from './copy/copy.ts';
import { internalsOf, revealInternals } from './internals.ts';
import { verifyAudit } from './audit/verify.ts';
import { checkBucket } from './lock/bucket.ts';
import { lockKeeping } from './lock/keeping.ts';
import { shareOf } from './memory.ts';
import { compareWithLive, isStoredResource } from './read/compare.ts';
import { repairRepository } from './repair/repair.ts';
import type { StoredResource } from './read/captured.ts';
import { createFileWriter } from './read/file-writer.ts';
import { refreshLocations } from './index/objects.ts';
import { pruneRepository } from './prune/prune.ts';
import { forgetSnapshots } from './retention/forget.ts';
import { writeOnly as cannotRead } from './keys/keyring.ts';
import type { ImportingSession } from './session/import.ts';
import { settleSnapshot } from './settle/settle.ts';
import { startSession, type OwnSession } from './session/session.ts';
import { repositoryStats } from './stats/stats.ts';
import { findSnapshot, listSnapshots, readSnapshot, snapshotPrefix, snapshotReader } from './snapshots.ts';
import type { RepositoryState } from './state.ts';
import { decodeEntry } from './tree/entry.ts';
import { clusterWal, hasWal } from './wal/store.ts';
import { diffTrees } from './tree/diff.ts';

/** The opened repository as the other rooms see it. */
export function repositoryOver(
  state: RepositoryState,
  settings: { readonly memory: number; readonly temporaryFolder: string; readonly readOnly: boolean },
): Repository {
  const writeOnly = state.keyring.writer !== undefined;
  let session: 'none' | 'active' | 'broken' = 'none';
  let current: OwnSession | undefined;

  function stored(resource: CapturedResource): StoredResource {
    if (isStoredResource(resource)) return resource;
    throw new HoldfastError('internal.bug', 'a resource of another source was given to the repository');
  }
  /**
   * A session that ends otherwise than by commit or suspend may leave ids claimed that were never stored: no other may
   * follow over the same table. After those two nothing can be claimed any more (see close in session.ts).
   */
  function watched(inner: OwnSession): ImportingSession {
    current = inner;
    const ending = async <T>(work: () => Promise<T>): Promise<T> => {
      session = 'broken';
      const result = await work();
      session = 'none';
      return result;
    };
    return {
      ...inner,
      commit: (sources, as) => ending(() => inner.commit(sources, as)),
      suspend: () => ending(() => inner.suspend()),
    };
  }
  /** Who writes relies on the index, and needs all of it. */
  function assertWriting(): void {
    if (settings.readOnly) throw new HoldfastError('internal.bug', 'the repository was opened to be read only');
  }
  async function begin(wanted: SessionSettings): Promise<ImportingSession> {
    assertWriting();
    checkWritable(state.configuration);
    if (session !== 'none')
      throw new HoldfastError('internal.bug', 'the repository has an unfinished session; open it again');
    await checkBucket(state.lock, state.store);
    if (writeOnly && wanted.resume) throw cannotRead('go on with an interrupted snapshot');
    // What a writer that cannot read made up about its files must not stand for files that were never read.
    const { list } = writeOnly ? { list: [] } : await listSnapshots(state.store, state.keyring);
    const earlier = list.filter((info) => info.estate === wanted.estate && !info.writer);
    const newestStart = earlier.reduce((newest, { startedAt }) => Math.max(newest, startedAt), -Infinity);
    session = 'active';
    try {
      return watched(await startSession({ state, earlier, newestStart, ...settings }, wanted));
    } catch (error) {
      // Nothing was claimed yet when there was nothing to go on with, or somebody is still at work on it.
      session = isCode(error, 'snapshot.nothing-to-resume', 'repository.session-active') ? 'none' : 'broken';
      throw error;
    }
  }
  const repository: Repository = {
    id: hex(state.keyring.repository),
    formatVersion: state.configuration.format,
    snapshots: () => listSnapshots(state.store, state.keyring),
    async find(reference, estate) {
      const { list, damaged } = await listSnapshots(state.store, state.keyring);
      const candidates = estate === undefined ? list : list.filter((info) => info.estate === estate);
      return findSnapshot(candidates, reference, damaged);
    },
    async open(info) {
      const document = await readSnapshot(state.store, state.keyring, `${snapshotPrefix}${info.id}`);
      await refreshLocations(state);
      return snapshotReader(state.chunks, document);
    },
    async *diff(before, after) {
      const [left, right] = [stored(before), stored(after)];
      for (const collection of [...new Set([...left.collections, ...right.collections])].sort()) {
        const changes = diffTrees(
          (id) => state.chunks.chunk('metadata', id),
          left.roots.get(collection),
          right.roots.get(collection),
        );
        for await (const { key, before: was, after: is } of changes) yield entryChange(collection, key, was, is);
      }
    },
    startSession: begin,
    copyTo: (target, wanted) => copySnapshots(state, internalsOf(target), wanted),
    compare: (captured, comparable, onDifference) =>
      compareWithLive({
        state,
        captured: stored(captured),
        comparable,
        onDifference,
        temporaryFolder: settings.temporaryFolder,
        sorterMemory: shareOf(settings.memory),
      }),
    fileWriter: () => createFileWriter(state),
    keys: state.keys,
    writeOnly,
    async prune(wanted) {
      assertWriting();
      return await pruneRepository(state, wanted);
    },
    verify: (wanted) => verifyRepository(state, wanted),
    wal: (systemId) => clusterWal(state, systemId),
    hasWal: () => hasWal(state.store),
    lock: lockKeeping(state),
    audit: { ...state.audit, verify: (anchors) => verifyAudit(state, anchors) },
    archive: openArchive(state),
    settle: (snapshot, wanted) => settleSnapshot({ state, begin }, snapshot, wanted),
    forget: (wanted) => forgetSnapshots(state, wanted),
    stats: (wanted) => repositoryStats(state, wanted),
    check: (wanted) => checkRepository(state, wanted),
    async repair(wanted) {
      assertWriting();
      if (session !== 'none')
        throw new HoldfastError('internal.bug', 'the repository has an unfinished session; open it again');
      return await repairRepository(state, wanted);
    },
    async close() {
      await current?.abandon();
      await state.pool.close();
    },
  };
  revealInternals(repository, { state, begin });
  return repository;
}

function entryChange(
  collection: string,
  key: Uint8Array,
  was: Uint8Array | undefined,
  is: Uint8Array | undefined,
): EntryChange {
  const { kind } = decodeEntry((is ?? was) as Uint8Array);
  return { collection, key, kind, change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed' };
}
