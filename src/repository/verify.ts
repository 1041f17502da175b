import { createHash } from 'node:crypto';
import { HoldfastError, asHoldfastError, isCode } from '../kernel/errors.ts';
import { hex } from '../kernel/bytes.ts';
import { createLimiter } from '../kernel/concurrency.ts';
import { resourceKey } from '../kernel/entry.ts';
import type { VerifyReport, VerifySettings } from './contract.ts';
import { decodeChunkGroup } from './chunks/chunk-group.ts';
import { chunkId } from './chunks/id.ts';
import { idAt } from './chunks/grouper.ts';
import { refreshIndex } from './index/objects.ts';
import type { KnownPack } from './index/locations.ts';
import { openGroup } from './keys/seal.ts';
import { decodePackDirectory } from './pack/directory.ts';
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
  const { list, damaged: unreadable } = await listSnapshots(state.store, state.keyring);
  const wanted = settings.snapshot === undefined ? list : [findSnapshot(list, settings.snapshot, unreadable)];
  await refreshIndex(state);

  function report(object: string, problem: string): Damage {
    const known = damage.get(object);
    if (known) return known;
    const made = { object, problem, touches: new Set<string>() };
    damage.set(object, made);
    return made;
  }
  for (const [key, problem] of state.indexesDamaged) report(key, problem);
  if (settings.snapshot === undefined)
    for (const id of unreadable)
      report(`${snapshotPrefix}${id}`, 'the snapshot cannot be read').touches.add(id.slice(0, 12));
  await checkSizes(state, report);
  const { bytesRead, badChunks } = await checkPacks(state, settings, report);
  const walk = createTreeWalk(state, badChunks, new Map(damage), report, settings.signal);
  for (const info of wanted) await walk.snapshot(info.id);
  return {
    snapshots: wanted.length,
    packs: state.index.packCount,
    chunks: walk.chunks,
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
  for (const group of decodePackDirectory(state.keyring, pack.key, bytes, bytes).groups) {
    const context = { key: state.chunks.keyOf(pack), repository: state.keyring.repository, kind: pack.kind };
    const { plain } = openGroup(context, bytes.subarray(group.offset, group.offset + group.length), pack.key);
    decodeChunkGroup(plain, pack.key).forEach((chunk, place) => {
      const id = idAt(group.ids, place);
      const isWhole = chunkId(state.ids, pack.kind, chunk).equals(id);
      if (!isWhole || !isIndexed(state, pack, group.offset, place, id)) badChunks.set(hex(id), pack.key);
    });
  }
}

/** Whether readers find the chunk here, or in another pack that holds it too. */
function isIndexed(state: RepositoryState, pack: KnownPack, offset: number, place: number, id: Uint8Array): boolean {
  const found = state.index.locate(id);
  return found !== undefined && (found.pack.key !== pack.key || (found.offset === offset && found.place === place));
}

interface TreeWalk {
  snapshot(id: string): Promise<void>;
  /** References checked, each page's once. */
  readonly chunks: number;
}

/** Walks snapshots' trees. Trees found whole are not walked again for a later snapshot that shares them. */
function createTreeWalk(
  state: RepositoryState,
  badChunks: ReadonlyMap<string, string>,
  badObjects: ReadonlyMap<string, Damage>,
  report: Report,
  signal: AbortSignal | undefined,
): TreeWalk {
  const whole = new Set<string>();
  let chunks = 0;

  /** False when the chunk is damaged. */
  function checkChunk(id: Uint8Array, touched: string): boolean {
    chunks++;
    const name = hex(id);
    if (!state.index.has(id)) {
      report(`chunk ${name.slice(0, 16)}`, 'no index names this chunk').touches.add(touched);
      return false;
    }
    const pack = badObjects.get(state.chunks.locate(id).pack.key);
    pack?.touches.add(touched);
    const bad = badChunks.get(name);
    if (bad !== undefined) report(bad, 'a chunk is not what its id says').touches.add(touched);
    return pack === undefined && bad === undefined;
  }
  /** Runs what decodes damaged bytes at the worst; false when it did. */
  async function guarded(object: string, touched: string, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      // What a newer version wrote is not damage; it cannot be looked into.
      if (isCode(error, 'repository.newer-format')) return true;
      if (!isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated')) throw error;
      report(error.resource ?? object, error.message).touches.add(touched);
      return false;
    }
  }
  async function tree(ref: TreeRef, touched: string, leaf: (value: Uint8Array) => Promise<boolean>): Promise<boolean> {
    signal?.throwIfAborted();
    const name = hex(ref.id);
    if (whole.has(name)) return true;
    let isWhole = checkChunk(ref.id, touched);
    const read = await guarded(`page ${name.slice(0, 16)}`, touched, async () => {
      const page = decodePage(await state.chunks.chunk('metadata', ref.id), `page ${name.slice(0, 16)}`);
      for (const { value } of page.items) {
        const found =
          page.level > 0 ? await tree(decodeChild(value, page.level - 1), touched, leaf) : await leaf(value);
        isWhole = found && isWhole;
      }
      return true;
    });
    isWhole = read && isWhole;
    if (isWhole) whole.add(name);
    return isWhole;
  }
  async function references(list: Uint8Array, depth: number, touched: string): Promise<boolean> {
    let isWhole = true;
    for (const { id } of chunkRefs(list)) {
      let found = checkChunk(id, touched);
      if (depth > 0) {
        const below = await guarded(`chunk ${hex(id).slice(0, 16)}`, touched, async () =>
          references(await state.chunks.chunk('metadata', id), depth - 1, touched),
        );
        found = below && found;
      }
      isWhole = found && isWhole;
    }
    return isWhole;
  }
  async function entry(value: Uint8Array, touched: string): Promise<boolean> {
    return await guarded(touched, touched, async () => {
      const { content } = decodeEntry(value);
      return await references(content.chunks, content.depth, touched);
    });
  }
  return {
    async snapshot(id) {
      await guarded(`${snapshotPrefix}${id}`, id.slice(0, 12), async () => {
        const { root } = await readSnapshot(state.store, state.keyring, `${snapshotPrefix}${id}`);
        if (!root) return true;
        return await tree(root, id.slice(0, 12), async (value) => {
          const { record, roots } = decodeResource(value);
          const touched = `${id.slice(0, 12)}:${resourceKey(record.ref)}`;
          let isWhole = true;
          for (const collection of roots.values())
            isWhole = (await tree(collection, touched, (item) => entry(item, touched))) && isWhole;
          return isWhole;
        });
      });
    },
    get chunks() {
      return chunks;
    },
  };
}
