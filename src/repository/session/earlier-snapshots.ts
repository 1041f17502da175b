import { isCode } from '../../kernel/errors.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { ResourceRecord, SnapshotInfo, SourceRecord } from '../contract.ts';
import { isLoss, noteLoss } from './earlier.ts';
import { readSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { findInTree, walkTree } from '../tree/walk.ts';
import { decodeResource, type Roots } from './record.ts';

/** What the estate's last snapshots held: plans that capture one source each do so in turn. */
export interface EarlierSnapshots {
  /** Id of the newest; undefined where there is none, also where it was forgotten meanwhile. */
  readonly newest: string | undefined;
  /**
   * The newest capture of a resource that can be read, unless a later snapshot of all of its source had no such resource
   * any more.
   */
  resource(
    key: string,
    source: string,
  ): Promise<{ readonly record: ResourceRecord; readonly roots: Roots } | undefined>;
  /** The newest snapshot for which all of a source was asked for and could be listed. */
  whole(source: string): Promise<SnapshotDocument | undefined>;
  records(document: SnapshotDocument): AsyncIterable<ResourceRecord>;
}

const snapshotsLookedAt = 8;

/** @param infos of the estate, oldest first. Throws where the newest cannot be read; what else cannot is passed over. */
export async function openEarlierSnapshots(
  state: RepositoryState,
  infos: readonly SnapshotInfo[],
): Promise<EarlierSnapshots> {
  const [newest, ...older] = infos.slice(-snapshotsLookedAt).reverse();
  const known = new Map<string, Promise<SnapshotDocument | undefined>>();
  const previous = newest && (await readUnlessForgotten(newest));
  if (newest) known.set(newest.id, Promise.resolve(previous));
  const load = (id: Uint8Array): Promise<Uint8Array> => state.chunks.chunk('metadata', id);

  async function read({ id }: SnapshotInfo): Promise<SnapshotDocument> {
    return await readSnapshot(state.store, state.keyring, `${snapshotPrefix}${id}`);
  }
  async function readUnlessForgotten(info: SnapshotInfo): Promise<SnapshotDocument | undefined> {
    try {
      return await read(info);
    } catch (error) {
      if (!isCode(error, 'storage.not-found')) throw error;
      return undefined;
    }
  }
  async function readIfWhole(info: SnapshotInfo): Promise<SnapshotDocument | undefined> {
    try {
      return await read(info);
    } catch (error) {
      // Forgotten meanwhile, or damaged.
      if (!isCode(error, 'storage.not-found', 'repository.corrupt', 'repository.newer-format')) throw error;
      return undefined;
    }
  }
  async function* documents(): AsyncGenerator<SnapshotDocument> {
    for (const info of newest ? [newest, ...older] : []) {
      const reading = known.get(info.id) ?? readIfWhole(info);
      known.set(info.id, reading);
      const document = await reading;
      if (document) yield document;
    }
  }
  async function whole(source: string): Promise<SnapshotDocument | undefined> {
    for await (const document of documents()) if (hasWhole(document, source)) return document;
    return undefined;
  }
  return {
    newest: previous?.info.id,
    whole,
    async resource(key, source) {
      try {
        for await (const document of documents()) {
          const value = await findInTree(load, document.root, utf8(key));
          if (value !== undefined) return decodeResource(value);
          if (hasWhole(document, source)) return undefined;
        }
      } catch (error) {
        if (!isLoss(error)) throw error;
        noteLoss(state, key, error);
      }
      return undefined;
    },
    async *records({ root }) {
      for await (const page of walkTree(load, root)) for (const { value } of page) yield decodeResource(value).record;
    },
  };
}

export function isWholeSource({ selection, expected }: SourceRecord): boolean {
  return selection === undefined && expected !== undefined;
}

function hasWhole({ sources }: SnapshotDocument, source: string): boolean {
  return sources.some((one) => one.source === source && isWholeSource(one));
}
