import { isCode } from '../../kernel/errors.ts';
import type { Findings } from '../check/findings.ts';
import type { StoredPacks } from '../check/packs.ts';
import type { RepositoryState } from '../state.ts';
import { healable } from './heal.ts';
import { listParities, parityKey, readWhatIsThere } from './objects.ts';
import { parityProblem } from './pack-parity.ts';

/** Looks at parity while a check goes on. Nothing of it is damage: whatever happens to parity, nothing is lost. */
export interface ParityCheck {
  /** Reads the parity of a pack whose bytes are read, too. */
  look(packKey: string): Promise<void>;
  /** Notes that packs have none, and says of damaged packs whether it can heal them. */
  conclude(stored: StoredPacks, signal?: AbortSignal): Promise<void>;
}

export async function createParityCheck(view: RepositoryState, findings: Findings): Promise<ParityCheck> {
  const { store } = view;
  const names = await listParities(store);
  const hasParity = (packKey: string): boolean => names.has(packKey.slice(-64));

  async function problemOf(packKey: string): Promise<string | undefined> {
    const parity = await readWhatIsThere(store, parityKey(packKey));
    return parity && parityProblem(Buffer.from(packKey.slice(-64), 'hex'), parity);
  }
  return {
    async look(packKey) {
      if (!hasParity(packKey) || (await problemOf(packKey)) === undefined) return;
      // As with packs: wrong twice, or it was a failing read.
      const problem = await problemOf(packKey);
      if (problem !== undefined)
        findings.note('damaged-parity', parityKey(packKey), `${problem}; its pack is another object`);
    },
    async conclude(stored, signal) {
      const without = unprotected(view, names, (key) => stored.sizes.has(key)).length;
      if (without > 0)
        findings.note(
          'missing-parity',
          'parity/',
          `${without} packs have none: holdfast repair makes it, out of packs that are whole`,
        );
      for (const { object } of findings.damaged) {
        signal?.throwIfAborted();
        const damage = findings.known(object);
        if (!damage || !/^(?:data|meta)\//.test(object) || !hasParity(object)) continue;
        try {
          if (await healable(store, object)) damage.healable = true;
        } catch (error) {
          // In an archive class: nobody knows until it is thawed.
          if (!isCode(error, 'storage.frozen')) throw error;
        }
      }
    },
  };
}

/** Keys of packs that should have parity and have none. Empty where none is asked for. */
export function unprotected(
  { index, parity }: RepositoryState,
  names: ReadonlySet<string>,
  isThere: (key: string) => boolean,
): string[] {
  if (!parity) return [];
  const packs = [...index.listing()].filter(({ key, standing }) => standing === 'live' && isThere(key));
  return packs.map(({ key }) => key).filter((key) => !names.has(key.slice(-64)));
}
