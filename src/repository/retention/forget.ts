import { HoldfastError } from '../../kernel/errors.ts';
import { showKeepRules } from '../../kernel/keep-rules.ts';
import { checkWritable } from '../configuration.ts';
import { readSnapshots, snapshotPrefix } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import type { Candidate, Decision, ForgetReport, ForgetSettings } from './contract.ts';
import { deleteSnapshots } from './delete.ts';
import { judge, whatSpeaksFor } from './judge.ts';

/**
 * Decides which snapshots to forget and deletes them; what only they needed stays until a pruner finds it. One that a
 * retention lock keeps is refused, the others go on. Throws usage.invalid for rules that would keep nothing,
 * snapshot.not-found, and what the store throws; then the audit log says what was deleted until then.
 */
export async function forgetSnapshots(state: RepositoryState, settings: ForgetSettings): Promise<ForgetReport> {
  const { wanted, dryRun, signal } = settings;
  if (!dryRun) checkWritable(state.configuration);
  const { read, hidden, damaged } = await readSnapshots(state.store, state.keyring);
  const candidates = read.map(({ document: { info, sources }, stored }) => ({
    info,
    sources,
    storedAt: stored.modifiedAt,
  }));
  const decisions =
    wanted.type === 'ids'
      ? decideNamed(candidates, wanted.ids, { hidden, damaged })
      : judge(
          candidates.filter(({ info }) => info.estate === wanted.estate),
          {
            policies: wanted.policies,
            now: state.runtime.clock.now(),
            trustTimes: wanted.trustTimes ?? false,
          },
        );
  const agreed = wanted.type === 'policies' && wanted.only ? new Set(wanted.only) : undefined;
  const doomed = decisions
    .filter(({ action, snapshot }) => action === 'forget' && (agreed?.has(snapshot.id) ?? true))
    .map(({ snapshot }) => snapshot.id);
  const outcome =
    dryRun || doomed.length === 0
      ? { forgotten: [], refused: [] }
      : await deleteSnapshots(state, doomed, { because: reasonOf(wanted), ...(signal ? { signal } : {}) });
  return { decisions, ...outcome, hidden, damaged };
}

/** Exactly these, whatever speaks for them; the reasons say what does. */
function decideNamed(
  candidates: readonly Candidate[],
  ids: readonly string[],
  unreadable: { readonly hidden: readonly string[]; readonly damaged: readonly string[] },
): Decision[] {
  for (const id of ids) {
    const resource = `${snapshotPrefix}${id}`;
    if (unreadable.hidden.includes(id))
      throw new HoldfastError('repository.newer-format', `snapshot ${id} has a newer format`, { resource });
    if (unreadable.damaged.includes(id))
      throw new HoldfastError('repository.corrupt', `snapshot ${id} cannot be read and is left alone`, { resource });
    if (!candidates.some(({ info }) => info.id === id))
      throw new HoldfastError('snapshot.not-found', `there is no snapshot ${id}`, { resource });
  }
  return candidates.flatMap(({ info }): Decision[] =>
    ids.includes(info.id) ? [{ snapshot: info, action: 'forget', reasons: whatSpeaksFor(info, candidates) }] : [],
  );
}

/** For the audit log. */
function reasonOf(wanted: ForgetSettings['wanted']): string {
  if (wanted.type === 'ids') return 'named';
  return wanted.policies
    .map(({ name, keep }) => `${name === undefined ? '' : `plan ${name}: `}keep ${showKeepRules(keep)}`)
    .join('; ');
}
