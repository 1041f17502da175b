import { equalBytes, hex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { SnapshotInfo } from '../contract.ts';
import { checkWritable } from '../configuration.ts';
import { refreshIndex } from '../index/objects.ts';
import type { RepositoryInternals } from '../internals.ts';
import { writeOnly } from '../keys/keyring.ts';
import type { ImportingSession } from '../session/import.ts';
import { decodeResource } from '../session/record.ts';
import { listSnapshots, readSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { walkTree } from '../tree/walk.ts';
import { contentCopy } from './content.ts';
import type { CopiedSnapshot, CopyReport, CopySettings } from './contract.ts';
import { createCount } from './count.ts';
import { nearestPair, resourcePair, type SnapshotPair } from './pair.ts';
import { copyResource } from './resource.ts';
import { copySource, type CopySource } from './source.ts';

/** See Repository.copyTo. Throws usage.invalid for a repository onto itself, repository.write-only, and what the target throws. */
export async function copySnapshots(
  from: RepositoryState,
  to: RepositoryInternals,
  settings: CopySettings,
): Promise<CopyReport> {
  const target = to.state;
  if (from.keyring.writer || target.keyring.writer) throw writeOnly('copy snapshots, nor hold copies of them');
  if (equalBytes(from.keyring.repository, target.keyring.repository))
    throw new HoldfastError('usage.invalid', 'a repository cannot be copied to itself', {
      hint: 'Name another repository as the target.',
    });
  checkWritable(target.configuration);
  const sameIds = makeSameIds(from, target);
  const source = copySource(from);
  const count = createCount(source, target, sameIds);
  const held = await listSnapshots(target.store, target.keyring);
  const present = new Set([...held.list.map(({ id }) => id), ...held.damaged]);
  const missing = settings.snapshots.filter(({ id }) => !present.has(id));
  // Snapshots are read before the index that they need (law).
  await refreshIndex(from);
  const { list } = await listSnapshots(from.store, from.keyring);
  const shared = list.filter(({ id }) => held.list.some((info) => info.id === id));

  async function copyAll(): Promise<CopiedSnapshot[]> {
    const done: CopiedSnapshot[] = [];
    for (const snapshot of settings.snapshots) {
      settings.signal?.throwIfAborted();
      if (!missing.includes(snapshot)) {
        done.push(nothingOf(snapshot, held.damaged));
        continue;
      }
      const copied = await copyOne(snapshot);
      if (copied.outcome === 'copied') shared.push(snapshot);
      done.push(copied);
      const total = settings.snapshots.length;
      from.events({ type: 'repository.progress', what: 'snapshots copied', done: done.length, total });
    }
    return done;
  }
  async function copyOne(snapshot: SnapshotInfo): Promise<CopiedSnapshot> {
    const key = `${snapshotPrefix}${snapshot.id}`;
    let document: SnapshotDocument;
    try {
      document = await readSnapshot(from.store, from.keyring, key);
    } catch (error) {
      if (!isCode(error, 'repository.corrupt', 'storage.not-found', 'repository.newer-format')) throw error;
      return failed(snapshot, 0, error);
    }
    const pair = (): Promise<SnapshotPair | undefined> => nearestPair(from, target, shared, snapshot);
    if (settings.dryRun === true) return await counted(document, await pair());
    // What the target has is looked up once the session is announced there: from then on no pruner takes it away.
    const session = await beginCopy(to, snapshot, hex(from.keyring.repository));
    return await copyDocument({ source, target, session, sameIds, signal: settings.signal }, document, await pair());
  }
  async function counted(document: SnapshotDocument, pair: SnapshotPair | undefined): Promise<CopiedSnapshot> {
    try {
      return await count(document, pair);
    } catch (error) {
      if (!source.isDamage(error)) throw error;
      return failed(document.info, 0, inResource(error, document.info, ''));
    }
  }
  const work = async (): Promise<CopyReport> => ({ snapshots: await copyAll(), sameIds });
  if (settings.dryRun === true || missing.length === 0) return await work();
  const details = { to: hex(target.keyring.repository), snapshots: missing.map(({ id }) => id) };
  return await from.audit.during('copy', details, work, ({ snapshots }) => ({
    copied: snapshots.filter(({ outcome }) => outcome === 'copied').map(({ snapshot }) => snapshot.id),
    failed: snapshots.filter(({ outcome }) => outcome === 'failed').map(({ snapshot }) => snapshot.id),
  }));
}

interface CopyWork {
  readonly source: CopySource;
  readonly target: RepositoryState;
  readonly session: ImportingSession;
  readonly sameIds: boolean;
  readonly signal: AbortSignal | undefined;
}

/** The whole snapshot or nothing: where the source is damaged, what was stored stays for the next try. */
async function copyDocument(
  work: CopyWork,
  document: SnapshotDocument,
  pair: SnapshotPair | undefined,
): Promise<CopiedSnapshot> {
  const { source, target, session, sameIds, signal } = work;
  const { info } = document;
  const contents = contentCopy(source, target, session, sameIds);
  let resource = '';
  try {
    for await (const page of walkTree(source.page, document.root)) {
      for (const { value } of page) {
        const { record, roots } = decodeResource(value);
        resource = `${record.ref.type}/${record.ref.name}`;
        if (session.finished.has(resource)) continue;
        const before = await resourcePair(source, target, pair, resource);
        await copyResource({ source, target, session, contents, signal }, resource, record, roots, before);
      }
    }
  } catch (error) {
    if (!source.isDamage(error)) {
      // What is stored is kept for the next try where that is still possible; what ended the copy is what is told.
      await Promise.allSettled([session.suspend()]);
      throw error;
    }
    await session.suspend();
    return failed(info, contents.bytesRead, inResource(error, info, resource));
  }
  if ((await target.store.stat(`${snapshotPrefix}${info.id}`)) !== undefined) {
    // Somebody else copied it meanwhile.
    await session.suspend();
    return { snapshot: info, outcome: 'present', bytesRead: contents.bytesRead, storedBytes: 0 };
  }
  const { totals: _, ...as } = info;
  const repository = hex(source.state.keyring.repository);
  const copied = await session
    .commit(document.sources, { ...as, copiedFrom: info.copiedFrom ?? repository })
    .catch((error: unknown) => {
      if (!isCode(error, 'storage.exists')) throw error;
      throw new HoldfastError('repository.lease-lost', `snapshot ${info.id} was copied by somebody else meanwhile`, {
        hint: 'Run the copy again; what is there is not copied again.',
        cause: error,
      });
    });
  return {
    snapshot: info,
    outcome: 'copied',
    bytesRead: contents.bytesRead,
    storedBytes: copied.totals.storedBytes,
  };
}

/** Goes on with an interrupted copy of the same snapshot, or begins one. */
async function beginCopy(to: RepositoryInternals, { id }: SnapshotInfo, source: string): Promise<ImportingSession> {
  // No estate has such a name, so that no capture goes on with the session of a copy.
  const settings = { estate: `copy ${source}/${id}`, host: 'copy', tags: {} };
  try {
    return await to.begin({ ...settings, resume: true });
  } catch (error) {
    if (!isCode(error, 'snapshot.nothing-to-resume')) throw error;
    return await to.begin({ ...settings, resume: false });
  }
}

/** Both derive ids from the same secrets and cut in the same way: a target made for copies of this repository. */
function makeSameIds(from: RepositoryState, to: RepositoryState): boolean {
  const [a, b] = [from.configuration, to.configuration];
  return (
    from.ids.data.equals(to.ids.data) &&
    from.ids.metadata.equals(to.ids.metadata) &&
    equalBytes(from.keyring.chunkerSecret, to.keyring.chunkerSecret) &&
    a.algorithms.ids === b.algorithms.ids &&
    a.algorithms.chunker === b.algorithms.chunker &&
    a.chunkSizes.minimum === b.chunkSizes.minimum &&
    a.chunkSizes.average === b.chunkSizes.average &&
    a.chunkSizes.maximum === b.chunkSizes.maximum
  );
}

function nothingOf(snapshot: SnapshotInfo, damaged: readonly string[]): CopiedSnapshot {
  if (!damaged.includes(snapshot.id)) return { snapshot, outcome: 'present', bytesRead: 0, storedBytes: 0 };
  return failed(
    snapshot,
    0,
    new HoldfastError('repository.corrupt', `the target has snapshot ${snapshot.id}, but it cannot be read there`, {
      resource: `${snapshotPrefix}${snapshot.id}`,
      hint: 'Check and repair the target.',
    }),
  );
}

function failed(snapshot: SnapshotInfo, bytesRead: number, error: HoldfastError): CopiedSnapshot {
  return { snapshot, outcome: 'failed', bytesRead, storedBytes: 0, error };
}

function inResource(error: HoldfastError, { id }: SnapshotInfo, resource: string): HoldfastError {
  const where = resource === '' ? `snapshot ${id.slice(0, 12)}` : `${id.slice(0, 12)}:${resource}`;
  return new HoldfastError(error.code, `${where} cannot be copied: ${error.message}`, {
    cause: error,
    hint: error.hint,
    ...(error.resource === undefined ? {} : { resource: error.resource }),
  });
}
