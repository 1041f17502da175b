import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { isCode } from '../../kernel/errors.ts';
import { parseMarkKey, markKey, type MarkedPack } from '../marks/mark.ts';
import { listMarks } from '../marks/read.ts';
import { removeQuietly } from '../session/lease.ts';
import type { RepositoryState } from '../state.ts';
import { mergeIndexes } from './index-objects.ts';
import { nameOf, type Survey } from './survey.ts';
import { keyOf, type Verdict } from './verdict.ts';

const deletionsAtOnce = 16;

export interface SweepResult {
  readonly swept: readonly MarkedPack[];
  /** Packs the store would not delete: they stay, named by nothing, until a later pruner finds them. */
  readonly refused: readonly MarkedPack[];
  readonly indexes: number;
}

/**
 * Executes verdicts: out of the index, then out of the store, then the marks. Each step may be repeated, by anybody; it
 * needs no lease, since a verdict holds for ever. Also drops from the index what earlier verdicts named and is gone, and
 * merges small index objects.
 */
export async function sweep(
  state: RepositoryState,
  survey: Survey,
  verdicts: readonly Verdict[],
  signal?: AbortSignal,
): Promise<SweepResult> {
  const doomed = new Map(verdicts.flatMap((verdict) => verdict.doomed).map((pack) => [pack.name, pack]));
  const gone = goneForCertain(state, survey);
  const indexes = await mergeIndexes(state, survey.indexes, (name) => doomed.has(name) || gone.has(name));
  const swept: MarkedPack[] = [];
  const refused: MarkedPack[] = [];
  await forEachConcurrent(doomed.values(), deletionsAtOnce, async (pack) => {
    signal?.throwIfAborted();
    const isThere = survey.packs.has(pack.name);
    try {
      await state.store.delete(keyOf(pack));
      if (isThere) swept.push(pack);
    } catch (error) {
      if (!isCode(error, 'storage.locked')) throw error;
      refused.push(pack);
    }
    const done = swept.length + refused.length;
    state.events({ type: 'repository.progress', what: 'packs deleted', done, total: doomed.size });
  });
  for (const verdict of verdicts) await close(state, verdict);
  return { swept, refused, indexes };
}

/** Packs of earlier verdicts that a late writer has named in the index again, and that are not in the store. */
function goneForCertain(state: RepositoryState, survey: Survey): Set<string> {
  const gone = new Set<string>();
  for (const pack of state.index.packs())
    if (pack.standing === 'condemned' && !survey.packs.has(nameOf(pack))) gone.add(nameOf(pack));
  return gone;
}

/** Replaced verdicts go first and the mark last: until then the next pruner decides again. A verdict without packs says nothing. */
async function close(state: RepositoryState, { id, key, doomed }: Verdict): Promise<void> {
  for (const stored of await listMarks(state.store)) {
    const found = parseMarkKey(stored.key);
    if (found?.id === id && found.generation !== undefined && stored.key !== key)
      await removeQuietly(state.store, stored.key);
  }
  await state.store.delete(markKey(id));
  if (doomed.length === 0) await removeQuietly(state.store, key);
}
