import type { Examination } from '../check/check.ts';
import { freshView } from '../check/view.ts';
import type { RepositoryState } from '../state.ts';
import { unprotected } from './check.ts';
import { healPacks } from './heal.ts';
import { listParities, parityKey } from './objects.ts';
import { withHealedPacks } from './overlay.ts';
import { renewParity } from './renew.ts';

export interface ParityRepair {
  /** The repository to go on with: as it is now, or in a dry run as it would be. */
  readonly state: RepositoryState;
  /** Packs that are whole again. */
  readonly healed: readonly string[];
  /** Packs whose parity was missing or damaged, and was made again; in a dry run: those that need it. */
  readonly renewed: readonly string[];
}

/**
 * What of the damage a check found parity puts right: comes before anything else of a repair, which then looks again. In a dry
 * run nothing is changed. May die at any moment and be run again.
 */
export async function repairByParity(
  state: RepositoryState,
  { findings, stored }: Pick<Examination, 'findings' | 'stored'>,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal?: AbortSignal },
): Promise<ParityRepair> {
  const damaged = findings.damaged.filter((damage) => damage.healable).map(({ object }) => object);
  const keys = new Map([...state.index.listing()].map(({ key }) => [parityKey(key), key]));
  const rotted = findings.notes
    .filter(({ kind }) => kind === 'damaged-parity')
    .map(({ object }) => keys.get(object) ?? '');
  const without = unprotected(state, await listParities(state.store), (key) => stored.sizes.has(key));
  const lacking = [...rotted.filter((key) => key !== ''), ...without];
  if (damaged.length + lacking.length === 0) return { state, healed: [], renewed: [] };
  if (dryRun) {
    if (damaged.length === 0) return { state, healed: [], renewed: lacking };
    const store = withHealedPacks(state.store, new Set(damaged));
    return { state: await freshView({ ...state, store }), healed: damaged, renewed: lacking };
  }
  const work = async (): Promise<Omit<ParityRepair, 'state'>> => {
    const { healed } = await healPacks(state.store, damaged, { policy: state.policy, ...(signal ? { signal } : {}) });
    return { healed, renewed: await renewParity(state, lacking, signal) };
  };
  const details = { healing: damaged.length, parity: lacking.length };
  const done = await state.audit.during('repair', details, work, ({ healed, renewed }) => ({
    healed,
    parity: renewed.length,
  }));
  return { state, ...done };
}
