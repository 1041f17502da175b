import { HoldfastError } from '../kernel/errors.ts';
import type { Repository } from './contract.ts';
import type { SessionSettings } from './session/contract.ts';
import type { ImportingSession } from './session/import.ts';
import type { RepositoryState } from './state.ts';

/** What one opened repository shows another one of this process. */
export interface RepositoryInternals {
  readonly state: RepositoryState;
  begin(settings: SessionSettings): Promise<ImportingSession>;
}

const known = new WeakMap<Repository, RepositoryInternals>();

export function revealInternals(repository: Repository, internals: RepositoryInternals): void {
  known.set(repository, internals);
}

/** Throws internal.bug for what is no repository of this room. */
export function internalsOf(repository: Repository): RepositoryInternals {
  const internals = known.get(repository);
  if (internals) return internals;
  throw new HoldfastError('internal.bug', 'a repository of another kind was given to the repository');
}
