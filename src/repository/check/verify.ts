import type { VerifyReport, VerifySettings, Touched } from './contract.ts';
import type { RepositoryState } from '../state.ts';
import { checkRepository } from './check.ts';

/** The check as `holdfast verify` tells of it: what is damaged, and whom it touches in one word each. */
export async function verifyRepository(state: RepositoryState, settings: VerifySettings): Promise<VerifyReport> {
  const { snapshots, packs, chunks, bytesRead, damage } = await checkRepository(state, settings);
  return {
    snapshots,
    packs,
    chunks,
    bytesRead,
    damage: damage.map(({ object, problem, touches }) => ({ object, problem, touches: touches.map(nameOf).sort() })),
  };
}

/** `12 digits of the snapshot:type/name`, or the digits alone where the snapshot as a whole is touched. */
function nameOf({ snapshot, resource }: Touched): string {
  return snapshot.slice(0, 12) + (resource === undefined ? '' : `:${resource}`);
}
