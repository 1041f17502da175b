import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { PackKind } from '../format/header.ts';
import type { RepositoryState } from '../state.ts';
import { unreadable } from './unreadable.ts';

/** The repository that is copied, as the other files of this room read it. */
export interface CopySource {
  readonly state: RepositoryState;
  chunk(kind: PackKind, id: Uint8Array): Promise<Uint8Array>;
  page(id: Uint8Array): Promise<Uint8Array>;
  /** Whether an error came from reading this repository: it costs a snapshot, not the copy. */
  isDamage(error: unknown): error is HoldfastError;
}

export function copySource(state: RepositoryState): CopySource {
  const seen = new WeakSet<object>();
  const source: CopySource = {
    state,
    async chunk(kind, id) {
      try {
        return await state.chunks.chunk(kind, id);
      } catch (error) {
        // What is lost, frozen or newer stays so for a while; what is out of reach ends the run.
        if (isCode(error, ...unreadable, 'storage.frozen')) seen.add(error);
        throw error;
      }
    },
    page: (id) => source.chunk('metadata', id),
    isDamage: (error): error is HoldfastError => error instanceof HoldfastError && seen.has(error),
  };
  return source;
}
