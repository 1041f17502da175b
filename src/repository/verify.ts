import { createHash } from 'node:crypto';
import { HoldfastError, asHoldfastError, isCode } from '../kernel/errors.ts';
import { hex } from '../kernel/bytes.ts';
import { createLimiter } from '../kernel/concurrency.ts';
import { resourceKey } from '../kernel/entry.ts';
import type { VerifyReport, VerifySettings } from './contract.ts';
import { decodeChunkGroup } from './chunks/chunk-group.ts';
import { chunkId } from './chunks/id.ts';
import { idAt } from './chunks/grouper.ts';
import { decodeHeader, headerLength } from './format/header.ts';
import { decodePackRecords, type PackRecord } from './format/pack-directory.ts';
import { refreshIndex } from './index/objects.ts';
import type { KnownPack } from './index/locations.ts';
import { openGroup } from './keys/seal.ts';
import { trailerLength, trailerMagic } from './pack/writer.ts';
import { findSnapshot, listSnapshots, readSnapshot, snapshotPrefix } from './snapshots.ts';
import type { RepositoryState } from './state.ts';
import { decodeResource } from './session/record.ts';
import { chunkRefs } from './tree/content.ts';
import { decodeEntry } from './tree/entry.ts';
import { decodeChild, decodePage, type TreeRef } from './tree/page.ts';

interface Damage {
  readonly object: string;
  readonly problem: string;
  readonly touches: Set<string>;
}

/**
 * Checks that every snapshot can be restored: its trees are whole, every chunk they name is in an index, every pack an
 * index names is in the store with its size; and, for the asked share of packs, that every byte is what was written.
 */
export async function verifyRepository(state: RepositoryState, settings: VerifySettings): Promise<VerifyReport> {
  const damage = new Map<string, Damage>();
  // Snapshots before indexes (law): an index read now is at least as new as what the snapshots need.
  const { list } = await listSnapshots(state.store, state.keyring);
  const wanted = settings.snapshot === undefined ? list : [findSnapshot(list, settings.snapshot)];
  await refreshIndex(state);

  function report(object: string, problem: string): Damage {
    const known = damage.get(object);
    if (known) return known;
    const made = { object, problem, touches: new Set<string>() };
    damage.set(object, made);
    return made;
  }
  await checkSizes(state, report);
  const { bytesRead, badChunks } = await checkPacks(state, settings, report);
  const badPacks = new Map([...damage.keys()].map((key) => [key, report(key, '')]));
  let chunks = 0;
  for (const info of wanted) {
    const walk = createTreeWalk(state, badChunks, badPacks, report, settings.signal);
    chunks += await walk(info.id);
  }
  return {
    snapshots: wanted.length,
    packs: state.index.packCount,
    chunks,
    bytesRead,
    damage: [...damage.values()].map(({ object, problem, touches }) => ({
      object,
      problem,
      touches: [...touches].sort(),
    })),
  };
}

type Report = (object: string, problem: string) => Damage;

async function checkSizes(state: RepositoryState, report: Report): Promise<void> {
  const sizes = new Map<string, number>();
  for (const prefix of ['data/', 'meta/'])
    for await (const { key, size } of state.store.list(prefix)) sizes.set(key, size);
  for (const { key, size } of state.index.packs()) {
    const found = sizes.get(key);
    if (found === undefined) report(key, 'the pack is missing');
    else if (found !== size) report(key, `the pack has ${found} bytes instead of ${size}`);
  }
}

/** Reads packs whole. Which ones, for a sample, is a matter of their names: the same share gives the same packs. */
async function checkPacks(
  state: RepositoryState,
  settings: VerifySettings,
  report: Report,
): Promise<{ bytesRead: number; badChunks: Map<string, string> }> {
  const badChunks = new Map<string, string>();
  const packs = [...state.index.packs()].filter(
    ({ key }) => Number.parseInt(key.slice(-8), 16) < settings.readData * 0x100000000,
  );
  const limiter = createLimiter(4);
  let bytesRead = 0;
  let done = 0;
  await Promise.all(
    packs.map((pack) =>
      limiter.run(async () => {
        settings.signal?.throwIfAborted();
        try {
          const bytes = await state.store.get(pack.key);
          bytesRead += bytes.length;
          checkPack(state, pack, bytes, badChunks);
        } catch (error) {
          const known = asHoldfastError(error);
          if (!isCode(known, 'repository.corrupt', 'storage.not-found', 'storage.truncated')) throw known;
          report(pack.key, known.message);
        }
        state.events({ type: 'repository.progress', what: 'packs read', done: ++done, total: packs.length });
      }),
    ),
  );
  for (const [, pack] of badChunks) report(pack, 'a chunk is not what its id says');
  return { bytesRead, badChunks };
}

function checkPack(state: RepositoryState, pack: KnownPack, bytes: Uint8Array, badChunks: Map<string, string>): void {
  const name = pack.key.split('/').at(-1);
  if (createHash('sha256').update(bytes).digest('hex') !== name)
    throw new HoldfastError('repository.corrupt', "the bytes do not match the pack's name (SHA-256)");
  for (const group of readPackDirectory(state, pack, bytes).groups) {
    const context = { key: state.chunks.keyOf(pack), repository: state.keyring.repository, kind: pack.kind };
    const { plain } = openGroup(context, bytes.subarray(group.offset, group.offset + group.length), pack.key);
    decodeChunkGroup(plain, pack.key).forEach((chunk, place) => {
      const id = idAt(group.ids, place);
      if (!chunkId(state.ids, pack.kind, chunk).equals(id)) badChunks.set(hex(id), pack.key);
    });
  }
}

/** The directory at a pack's end: what an index is rebuilt from. */
export function readPackDirectory(
  state: RepositoryState,
  pack: Pick<KnownPack, 'key' | 'kind'>,
  bytes: Uint8Array,
): PackRecord {
  const trailer = Buffer.from(bytes.subarray(bytes.length - trailerLength));
  if (bytes.length < headerLength + trailerLength || !trailer.subarray(4).equals(trailerMagic))
    throw new HoldfastError('repository.corrupt', `${pack.key} has no end`);
  const header = decodeHeader(bytes, pack.key);
  const length = trailer.readUInt32LE(0);
  const at = bytes.length - trailerLength - length;
  if (at < headerLength) throw new HoldfastError('repository.corrupt', `${pack.key} has an impossible directory`);
  const context = {
    key: state.chunks.keyOf(header),
    repository: state.keyring.repository,
    kind: header.kind,
    objectHeader: bytes.subarray(0, headerLength),
  };
  const [record] = decodePackRecords(openGroup(context, bytes.subarray(at, at + length), pack.key).plain, pack.key);
  if (!record) throw new HoldfastError('repository.corrupt', `${pack.key} has an empty directory`);
  return record;
}

/** Walks a snapshot's trees; pages seen in an earlier snapshot are not read again unless something is damaged. */
function createTreeWalk(
  state: RepositoryState,
  badChunks: ReadonlyMap<string, string>,
  badPacks: ReadonlyMap<string, Damage>,
  report: Report,
  signal: AbortSignal | undefined,
) {
  let chunks = 0;
  function checkChunk(id: Uint8Array, touched: string): void {
    chunks++;
    const name = hex(id);
    if (!state.index.has(id)) {
      report(`chunk ${name.slice(0, 16)}`, 'no index names this chunk').touches.add(touched);
      return;
    }
    const pack = state.chunks.locate(id).pack.key;
    badPacks.get(pack)?.touches.add(touched);
    const bad = badChunks.get(name);
    if (bad !== undefined) report(bad, 'a chunk is not what its id says').touches.add(touched);
  }
  async function page(ref: TreeRef, touched: string): Promise<ReturnType<typeof decodePage> | undefined> {
    signal?.throwIfAborted();
    checkChunk(ref.id, touched);
    try {
      return decodePage(await state.chunks.chunk('metadata', ref.id), 'a tree page');
    } catch (error) {
      const known = asHoldfastError(error);
      if (known.code === 'repository.newer-format') return undefined;
      report(known.resource ?? `page ${hex(ref.id).slice(0, 16)}`, known.message).touches.add(touched);
      return undefined;
    }
  }
  async function tree(
    ref: TreeRef,
    touched: string,
    leaf: (key: Uint8Array, value: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const read = await page(ref, touched);
    for (const item of read?.items ?? []) {
      if (read && read.level > 0) await tree(decodeChild(item.value, read.level - 1), touched, leaf);
      else await leaf(item.key, item.value);
    }
  }
  async function references(list: Uint8Array, depth: number, touched: string): Promise<void> {
    for (const { id } of chunkRefs(list)) {
      checkChunk(id, touched);
      if (depth > 0) await references(await state.chunks.chunk('metadata', id), depth - 1, touched);
    }
  }
  return async (snapshot: string): Promise<number> => {
    const { root } = await readSnapshot(state.store, state.keyring, `${snapshotPrefix}${snapshot}`);
    if (!root) return 0;
    await tree(root, snapshot, async (_, value) => {
      const { record, roots } = decodeResource(value);
      const touched = `${snapshot.slice(0, 12)}:${resourceKey(record.ref)}`;
      for (const collection of roots.values()) {
        await tree(collection, touched, async (__, entry) => {
          const { content } = decodeEntry(entry);
          await references(content.chunks, content.depth, touched);
        });
      }
    });
    return chunks;
  };
}
