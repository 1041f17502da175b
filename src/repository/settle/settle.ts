import { hex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { isPending } from '../../kernel/recovery-point.ts';
import { newId } from '../../kernel/runtime.ts';
import { checkWritable } from '../configuration.ts';
import type { ResourceRecord, SnapshotInfo, SourceRecord } from '../contract.ts';
import type { SettleSettings } from './contract.ts';
import type { RepositoryInternals } from '../internals.ts';
import { writeOnly } from '../keys/keyring.ts';
import type { ImportingSession } from '../session/import.ts';
import { isPartial } from '../session/outcome.ts';
import { decodeResource } from '../session/record.ts';
import { readSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import { walkTree } from '../tree/walk.ts';
import { withdrawSettled } from './withdraw.ts';

/**
 * See Repository.settle. Order of writes: the new snapshot, then the deletion of the one it replaces; after a death between
 * the two both are there, and whoever settles either of them next finishes that. Throws snapshot.not-found,
 * repository.write-only, repository.corrupt, and what a commit throws.
 */
export async function settleSnapshot(
  internals: RepositoryInternals,
  wanted: SnapshotInfo,
  settings: SettleSettings,
): Promise<SnapshotInfo> {
  const { state } = internals;
  if (state.keyring.writer) throw writeOnly('settle a snapshot');
  checkWritable(state.configuration);
  // What somebody settled before, and died before the old one was gone.
  const standing = await withdrawSettled(state, wanted);
  // No estate has such a name, so that no capture goes on with this session.
  const session = await internals.begin({
    estate: `settle ${standing.id}`,
    host: 'settle',
    tags: {},
    resume: false,
  });
  let settled: SnapshotInfo;
  try {
    // Read once the session is announced: from here on no pruner takes away what this snapshot needs.
    const document = await readStanding(internals, standing);
    const { records, isChanged } = await takeOver(internals, session, document, settings);
    if (isChanged) settled = await commit(internals, session, document, records, settings);
    else {
      settled = document.info;
      await session.suspend();
    }
  } catch (error) {
    // What ended it is what is told; where the session cannot even be suspended, a pruner clears it away.
    await Promise.allSettled([session.suspend()]);
    throw error;
  }
  return await withdrawSettled(state, settled);
}

async function readStanding({ state }: RepositoryInternals, { id }: SnapshotInfo): Promise<SnapshotDocument> {
  try {
    return await readSnapshot(state.store, state.keyring, `${snapshotPrefix}${id}`);
  } catch (error) {
    if (!isCode(error, 'storage.not-found')) throw error;
    throw new HoldfastError('snapshot.not-found', `snapshot ${id} was forgotten, or settled by somebody else`, {
      resource: `${snapshotPrefix}${id}`,
      cause: error,
    });
  }
}

/** Every resource with the trees it has and the record it is to have. */
async function takeOver(
  { state }: RepositoryInternals,
  session: ImportingSession,
  document: SnapshotDocument,
  { change, signal }: SettleSettings,
): Promise<{ readonly records: readonly ResourceRecord[]; readonly isChanged: boolean }> {
  const records: ResourceRecord[] = [];
  let isChanged = false;
  for await (const page of walkTree((id) => state.chunks.chunk('metadata', id), document.root)) {
    for (const { value } of page) {
      signal?.throwIfAborted();
      const { record, roots } = decodeResource(value);
      const changed = change(record);
      if (changed !== record) isChanged = true;
      records.push(changed);
      session.import.finish(resourceKey(record.ref), changed, roots);
      await session.import.breathe();
    }
  }
  return { records, isChanged };
}

async function commit(
  { state }: RepositoryInternals,
  session: ImportingSession,
  { info, sources: before }: SnapshotDocument,
  records: readonly ResourceRecord[],
  settings: SettleSettings,
): Promise<SnapshotInfo> {
  const sources: readonly SourceRecord[] = settings.sources(before, records);
  const pendingPoints = records.flatMap(({ points = [] }) => points.filter(isPending)).length;
  const { pendingPoints: _, ...kept } = info;
  return await session.commit(sources, {
    ...kept,
    id: idBeside(info.id, hex(newId(state.runtime))),
    outcome: isPartial(records, sources) ? 'partial' : 'complete',
    settles: info.settles ?? info.id,
    ...(pendingPoints > 0 ? { pendingPoints } : {}),
  });
}

/** Ids begin with the time of the commit, which stays: 12 hex digits. */
function idBeside(id: string, fresh: string): string {
  return id.slice(0, 12) + fresh.slice(12);
}
