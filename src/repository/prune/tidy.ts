import { isCode } from '../../kernel/errors.ts';
import { readMark } from '../marks/read.ts';
import { parseMarkKey } from '../marks/mark.ts';
import { sessionPrefix } from '../session/checkpoint.ts';
import { removeQuietly } from '../session/lease.ts';
import type { RepositoryState } from '../state.ts';
import type { Survey } from './survey.ts';

/** Verdicts are kept for so long, and longer while an index object names what they deleted: ms. */
const verdictMs = 365 * 24 * 3_600_000;

/** Removes what sessions that died long ago left behind. `now` is the store's time. */
export async function tidySessions(state: RepositoryState, now: number, deadAfter: number): Promise<void> {
  const sessions = new Map<string, { keys: string[]; newest: number }>();
  for await (const { key, modifiedAt } of state.store.list(sessionPrefix)) {
    const session = key.split('/')[1] as string;
    const known = sessions.get(session) ?? { keys: [], newest: 0 };
    known.keys.push(key);
    known.newest = Math.max(known.newest, modifiedAt);
    sessions.set(session, known);
  }
  for (const { keys, newest } of sessions.values()) {
    if (now - newest <= deadAfter) continue;
    for (const key of keys) await removeQuietly(state.store, key);
  }
}

/** Removes verdicts that are so old that no writer can be left who does not know of them. */
export async function tidyVerdicts(state: RepositoryState, survey: Survey, now: number): Promise<void> {
  const active = new Set(survey.marks.map(({ mark }) => mark.id));
  for (const [key, madeAt] of survey.verdicts) {
    if (now - madeAt <= verdictMs || active.has(parseMarkKey(key)?.id ?? '')) continue;
    try {
      const verdict = await readMark(state.store, state.keyring, key);
      if (verdict?.packs.some(({ name }) => survey.indexed.has(name) || survey.packs.has(name))) continue;
    } catch (error) {
      // Nobody can read it: it helps nobody.
      if (!isCode(error, 'repository.corrupt')) throw error;
    }
    await removeQuietly(state.store, key);
  }
}
