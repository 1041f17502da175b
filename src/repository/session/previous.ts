import { utf8 } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import type { SnapshotInfo } from '../contract.ts';
import { readSnapshot, snapshotPrefix } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { findInTree } from '../tree/walk.ts';
import { isLoss, noteLoss } from './earlier.ts';
import { decodeResource, type Roots } from './record.ts';

/** The snapshot that a session compares with. */
export interface Previous {
  readonly id: string;
  /** Trees of the resource `type/name` in it; undefined where there are none that can be read. */
  roots(key: string): Promise<Roots | undefined>;
}

/** Undefined where it was forgotten between the listing and now: then everything is captured. */
export async function openPrevious(
  state: RepositoryState,
  previous: SnapshotInfo | undefined,
): Promise<Previous | undefined> {
  if (!previous) return undefined;
  const key = `${snapshotPrefix}${previous.id}`;
  const document = await readSnapshot(state.store, state.keyring, key).catch((error: unknown) => {
    if (isCode(error, 'storage.not-found')) return undefined;
    throw error;
  });
  if (!document) return undefined;
  return {
    id: previous.id,
    async roots(resource) {
      try {
        const value = await findInTree((id) => state.chunks.chunk('metadata', id), document.root, utf8(resource));
        return value === undefined ? undefined : decodeResource(value).roots;
      } catch (error) {
        if (!isLoss(error)) throw error;
        noteLoss(state, resource, error);
        return undefined;
      }
    },
  };
}
