import { isCode } from '../../kernel/errors.ts';
import { findSuspicions } from '../lock/suspicions.ts';
import type { RepositoryState } from '../state.ts';
import type { Findings } from './findings.ts';

/**
 * Names objects that have a second content under their key, and needed ones that a deletion hides, where the store keeps
 * versions. Every object of a repository is written once: somebody meant to harm it, and the true version is still there.
 */
export async function noteHidden(view: RepositoryState, findings: Findings): Promise<void> {
  const { history } = view.store.capabilities;
  if (history === undefined) return;
  const live = new Set<string>();
  for (const { key, standing } of view.index.listing()) if (standing === 'live') live.add(key);
  try {
    const { suspicions } = await findSuspicions(history, (key) => live.has(key), Infinity);
    for (const { key, problem } of suspicions) findings.note('suspicious', key, problem);
  } catch (error) {
    if (!isCode(error, 'storage.denied', 'storage.unsupported')) throw error;
    findings.note(
      'versions-unread',
      view.store.address,
      `objects that were overwritten are not named: ${error.message}`,
    );
  }
}
