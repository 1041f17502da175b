import { hex } from '../../kernel/bytes.ts';
import { configurationPrefix } from '../configuration.ts';
import { indexPrefix } from '../index/objects.ts';
import { auditPrefix } from '../audit/log.ts';
import { paritiesOf } from '../parity/objects.ts';
import { readSnapshot, snapshotPrefix } from '../snapshots.ts';
import { decodeResource } from '../session/record.ts';
import type { RepositoryState } from '../state.ts';
import { chunkRefs } from '../tree/content.ts';
import { decodeEntry } from '../tree/entry.ts';
import { decodeChild, type TreeRef } from '../tree/page.ts';
import { loadPage } from '../tree/walk.ts';

const keyPrefix = 'keys/';

/** Objects that every snapshot needs: to open the repository, to find chunks, and the log of what was done to it. */
async function* commonKeys(state: RepositoryState): AsyncGenerator<string> {
  for (const prefix of [configurationPrefix, keyPrefix, indexPrefix, auditPrefix])
    for await (const { key } of state.store.list(prefix)) yield key;
}

/**
 * Everything that is kept: all packs an index names and nobody means to delete, whether a snapshot needs them or not. That
 * costs no walk through the trees, and errs on the side of locking: a pack that became garbage is locked once more at most
 * until the next prune finds it.
 */
export async function keptObjects(
  state: RepositoryState,
  keeps: (snapshot: string) => boolean,
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const key of commonKeys(state)) keys.add(key);
  for (const { key, standing } of state.index.listing()) if (standing === 'live') keys.add(key);
  for await (const { key } of state.store.list(snapshotPrefix))
    if (keeps(key.slice(snapshotPrefix.length))) keys.add(key);
  for await (const key of paritiesOf(state.store, keys)) keys.add(key);
  return keys;
}

/** What these snapshots need, and no more: their trees are walked, each page once. Throws what reading them throws. */
export async function objectsOf(state: RepositoryState, snapshots: readonly string[]): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  const seen = new Set<string>();
  for await (const key of commonKeys(state)) keys.add(key);
  const load = (id: Uint8Array): Promise<Uint8Array> => state.chunks.chunk('metadata', id);

  function need(id: Uint8Array): void {
    keys.add(state.chunks.locate(id).pack.key);
  }
  async function references(list: Uint8Array, depth: number): Promise<void> {
    for (const { id } of chunkRefs(list)) {
      need(id);
      if (depth > 0) await references(await load(id), depth - 1);
    }
  }
  async function tree(ref: TreeRef, leaf: (value: Uint8Array) => Promise<void>): Promise<void> {
    const name = hex(ref.id);
    if (seen.has(name)) return;
    seen.add(name);
    need(ref.id);
    const page = await loadPage(load, ref);
    for (const { value } of page.items)
      await (page.level > 0 ? tree(decodeChild(value, page.level - 1), leaf) : leaf(value));
  }
  async function entry(value: Uint8Array): Promise<void> {
    const { content } = decodeEntry(value);
    await references(content.chunks, content.depth);
  }
  for (const id of snapshots) {
    const key = `${snapshotPrefix}${id}`;
    keys.add(key);
    const { root } = await readSnapshot(state.store, state.keyring, key);
    if (!root) continue;
    await tree(root, async (value) => {
      for (const collection of decodeResource(value).roots.values()) await tree(collection, entry);
    });
  }
  for await (const key of paritiesOf(state.store, keys)) keys.add(key);
  return keys;
}
