import { asHoldfastError } from '../kernel/errors.ts';
import type { AuditDetails } from '../repository/audit/contract.ts';
import type { Repository } from '../repository/contract.ts';
import type { Estate } from './contract.ts';
import type { RestorePlan, RestoreReport } from './restore-contract.ts';

/**
 * Restores with a record before and after it in the repository's audit log. A repository that cannot be written to (read
 * credentials only, a full disk, a view of the past) must still be restorable: then the restore goes on, and a notice says so.
 */
export async function auditedRestore(
  estate: Estate,
  repository: Repository,
  plan: RestorePlan,
  work: () => Promise<RestoreReport>,
): Promise<RestoreReport> {
  let begun = false;
  async function begin(): Promise<RestoreReport> {
    begun = true;
    return await work();
  }
  try {
    return await repository.audit.during('restore', detailsOf(plan), begin, outcomeOf);
  } catch (error) {
    if (begun) throw error;
    const message = `this restore is not in the audit log: ${asHoldfastError(error).message}`;
    estate.events({ type: 'notice', level: 'warning', message });
    return await work();
  }
}

function detailsOf({ snapshot, request }: RestorePlan): AuditDetails {
  const { path, to, mode, site, tenant } = request;
  return {
    snapshot,
    path,
    mode,
    to: 'directory' in to ? to.directory : 'live',
    ...('live' in to && to.live.region !== undefined ? { region: to.live.region } : {}),
    ...('live' in to && to.live.account !== undefined ? { account: to.live.account } : {}),
    ...(site === undefined ? {} : { site }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}

function outcomeOf({ outcome, applied, items, bytes, failures }: RestoreReport): AuditDetails {
  return { outcome, applied, items, bytes, failures: failures.length };
}
