import { isCode } from '../../kernel/errors.ts';
import type { RepositoryState } from '../state.ts';
import { findHead } from './layout.ts';
import { parityKey, readWhatIsThere, storeParity } from './objects.ts';
import { parityProblem } from './pack-parity.ts';

/**
 * Makes the parity of whole packs again, as the repository asks for it, or else as it was. Returns the keys of the packs that
 * have it now: not those that are damaged or archived, nor where the store refuses to have objects overwritten. Each is
 * read back. Throws what else the store throws.
 */
export async function renewParity(
  state: RepositoryState,
  packKeys: Iterable<string>,
  signal?: AbortSignal,
): Promise<string[]> {
  const renewed: string[] = [];
  for (const key of packKeys) {
    signal?.throwIfAborted();
    if (await renewOne(state, key)) renewed.push(key);
  }
  return renewed;
}

async function renewOne({ store, parity: wanted, policy }: RepositoryState, key: string): Promise<boolean> {
  const before = await readWhatIsThere(store, parityKey(key));
  const settings = wanted ?? (before && findHead(before));
  if (!settings) return false;
  try {
    const pack = await readWhatIsThere(store, key);
    if (!pack) return false;
    await storeParity(store, key, [pack], { settings, policy: policy(), replace: true });
  } catch (error) {
    const codes = [
      'repository.corrupt',
      'storage.frozen',
      'storage.denied',
      'storage.locked',
      'storage.exists',
    ] as const;
    if (isCode(error, ...codes)) return false;
    throw error;
  }
  const after = await readWhatIsThere(store, parityKey(key));
  return after !== undefined && parityProblem(Buffer.from(key.slice(-64), 'hex'), after) === undefined;
}
