import { equalBytes, hex } from '../../kernel/bytes.ts';
import type { SnapshotDocument } from '../snapshots.ts';
import { decodeResource } from '../session/record.ts';
import type { RepositoryState } from '../state.ts';
import { dataReferences, type ContentRef } from '../tree/content.ts';
import type { TreeRef } from '../tree/page.ts';
import { walkTree } from '../tree/walk.ts';
import type { CopiedSnapshot } from './contract.ts';
import { knownEntries, type KnownTrees } from './known.ts';
import { resourcePair, type SnapshotPair } from './pair.ts';
import type { CopySource } from './source.ts';

// Chunks remembered so as not to be counted twice; beyond that a few may be.
const mostSeen = 262_144;

/** Counts what copies would read, over several snapshots: a chunk that two of them need counts once. */
export function createCount(source: CopySource, target: RepositoryState, sameIds: boolean) {
  const seen = new Set<string>();

  /** True the first time. */
  function isNew(name: string): boolean {
    if (seen.has(name)) return false;
    if (seen.size < mostSeen) seen.add(name);
    return true;
  }
  async function missingOf(content: ContentRef): Promise<number> {
    if (!sameIds) return isNew(hex(content.chunks.subarray(0, 32))) ? content.size : 0;
    let missing = 0;
    for await (const refs of dataReferences(content, source.page))
      for (const { id, length } of refs)
        if (!target.index.isLive(id) && isNew(hex(id.subarray(0, 16)))) missing += length;
    return missing;
  }
  async function countTree(root: TreeRef, trees: KnownTrees): Promise<number> {
    let missing = 0;
    for await (const { stored, known } of knownEntries(source, target, root, trees))
      if (!known && stored.content.chunks.length > 0) missing += await missingOf(stored.content);
    return missing;
  }
  return async function count(document: SnapshotDocument, pair: SnapshotPair | undefined): Promise<CopiedSnapshot> {
    let bytesRead = 0;
    for await (const page of walkTree(source.page, document.root)) {
      for (const { value } of page) {
        const { record, roots } = decodeResource(value);
        const known = await resourcePair(source, target, pair, `${record.ref.type}/${record.ref.name}`);
        for (const [name, root] of roots) {
          const before = known?.source.get(name);
          if (before && equalBytes(before.id, root.id)) continue;
          bytesRead += await countTree(root, { before, there: known?.target.get(name) });
        }
      }
    }
    return { snapshot: document.info, outcome: 'counted', bytesRead, storedBytes: 0 };
  };
}
