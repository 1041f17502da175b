import { createChunkTable } from '../index/chunk-table.ts';
import { createGrouper, type SealedGroup } from '../chunks/grouper.ts';
import { decodeChunkGroup } from '../chunks/chunk-group.ts';
import { chunkId } from '../chunks/id.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { writeIndex } from '../index/objects.ts';
import type { KnownPack } from '../index/locations.ts';
import { newObjectKey } from '../keys/object-key.ts';
import { openGroup } from '../keys/seal.ts';
import { createPackWriter, packKey } from '../pack/writer.ts';
import type { RepositoryState } from '../state.ts';
import type { Rewrite } from './plan.ts';
import type { Survey } from './survey.ts';

export interface RewriteResult {
  /** All that is needed of these lies, durable and indexed, in new packs. */
  readonly rewritten: readonly KnownPack[];
  readonly readBytes: number;
  readonly intoPacks: number;
  readonly intoBytes: number;
}

// Above this share of needed groups a pack is read whole: one request costs less than many.
const wholeShare = 0.3;
const chunksPerIndex = 50_000;

/**
 * Stores what is needed of some packs again, neighbours beside neighbours: every chunk is opened, identified, sealed, and
 * opened again. Old packs are not touched. One that cannot be read is left out, with a notice. Throws what the store throws.
 */
export async function rewritePacks(
  state: RepositoryState,
  survey: Survey,
  rewrites: readonly Rewrite[],
  signal?: AbortSignal,
): Promise<RewriteResult> {
  const { keyring, configuration, runtime, store } = state;
  const { fields, key } = newObjectKey(keyring, 'pack', runtime);
  const header = { ...fields, createdAt: runtime.clock.now() };
  const stored: PackRecord[] = [];
  const sealed: SealedGroup[] = [];
  const table = createChunkTable();
  const packs = createPackWriter({
    store,
    key,
    header,
    policy: state.policy,
    repository: keyring.repository,
    target: configuration.packTarget,
    ...(state.parity ? { parity: state.parity } : {}),
    stored: (pack) => stored.push(pack),
  });
  const grouper = createGrouper({
    ids: state.ids,
    packKey: key,
    repository: keyring.repository,
    table,
    writer: 0,
    level: configuration.compressionLevel,
    emit: (group) => sealed.push(group),
  });
  const rewritten: KnownPack[] = [];
  let readBytes = 0;
  async function storeSealed(): Promise<void> {
    for (const group of sealed.splice(0)) await packs.add(group);
  }
  for (const [done, { pack }] of rewrites.entries()) {
    signal?.throwIfAborted();
    try {
      readBytes += await readNeeded(state, survey, pack, async (bytes) => {
        table.reserve(1);
        grouper.store(pack.kind, bytes);
        await storeSealed();
      });
      rewritten.push(pack);
    } catch (error) {
      if (!isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated', 'storage.frozen')) throw error;
      const message = `${pack.key} was not rewritten: ${error.message}`;
      state.events({ type: 'notice', level: 'warning', message });
    }
    state.events({ type: 'repository.progress', what: 'packs rewritten', done: done + 1, total: rewrites.length });
  }
  grouper.flush();
  await storeSealed();
  await packs.flush();
  await indexPacks(state, stored);
  const intoBytes = stored.reduce((sum, { size }) => sum + size, 0);
  return { rewritten, readBytes, intoPacks: stored.length, intoBytes };
}

/** Hands on every needed chunk of a pack, in order. Returns the bytes read. */
async function readNeeded(
  state: RepositoryState,
  survey: Survey,
  pack: KnownPack,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  const { index, keyring, ids } = state;
  const groups = Array.from({ length: pack.groupCount }, (_, i) => pack.firstGroup + i);
  const needed = groups.filter((group) => survey.usage.inGroup(group) > 0);
  const whole = needed.length > groups.length * wholeShare ? await state.store.get(pack.key) : undefined;
  const context = { key: state.chunks.keyOf(pack), repository: keyring.repository, kind: pack.kind };
  let readBytes = whole?.length ?? 0;
  for (const group of needed) {
    const { offset, length } = index.group(group);
    const bytes = whole?.subarray(offset, offset + length) ?? (await state.store.get(pack.key, { offset, length }));
    if (!whole) readBytes += bytes.length;
    let found = 0;
    for (const chunk of decodeChunkGroup(openGroup(context, bytes, pack.key).plain, pack.key)) {
      const location = index.locate(chunkId(ids, pack.kind, chunk));
      if (location?.group !== group || !survey.usage.has(location.number)) continue;
      found++;
      await take(chunk);
    }
    if (found !== survey.usage.inGroup(group))
      throw new HoldfastError('repository.corrupt', `${pack.key} holds other chunks than its index says`, {
        resource: pack.key,
      });
  }
  return readBytes;
}

async function indexPacks(state: RepositoryState, packs: readonly PackRecord[]): Promise<void> {
  let batch: PackRecord[] = [];
  let chunks = 0;
  for (const pack of packs) {
    // Never trust a 200: what replaces something must be there.
    const key = packKey(pack.kind, pack.id);
    if ((await state.store.stat(key))?.size !== pack.size)
      throw new HoldfastError('storage.unavailable', `${key} was stored and is not there`, { resource: key });
    batch.push(pack);
    chunks += pack.groups.reduce((sum, { chunkCount }) => sum + chunkCount, 0);
    if (chunks < chunksPerIndex) continue;
    await writeIndex(state, state.runtime, batch, state.policy());
    batch = [];
    chunks = 0;
  }
  await writeIndex(state, state.runtime, batch, state.policy());
}
