import { describe, expect, it } from 'vitest';
import type { HoldfastEvent } from '../kernel/events.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { Audit } from '../repository/audit/contract.ts';
import type { Repository } from '../repository/contract.ts';
import type { Estate } from './contract.ts';
import type { RestorePlan, RestoreReport } from './restore-contract.ts';
import { auditedRestore } from './restore-audit.ts';

const plan = {
  snapshot: 's',
  request: { path: '', to: { live: { region: 'eu-west-1' } }, mode: 'exact', rename: [] },
} as unknown as RestorePlan;
const report = { outcome: 'complete', applied: 1, items: 2, bytes: 3, failures: [] } as unknown as RestoreReport;

/** A log that keeps what it is given; `refuse` is what storing an intent throws. */
function logged(refuse?: HoldfastError) {
  const entries: unknown[] = [];
  const audit: Audit = {
    record: async () => undefined,
    async during(action, details, work, outcome) {
      if (refuse) throw refuse;
      entries.push({ action, details });
      const result = await work();
      entries.push(outcome?.(result));
      return result;
    },
  };
  const events: HoldfastEvent[] = [];
  const estate = { events: (event: HoldfastEvent) => events.push(event) } as unknown as Estate;
  return { entries, events, estate, repository: { audit } as unknown as Repository };
}

describe('the record of a restore', () => {
  it('says what goes where, and how it ended', async () => {
    const { estate, repository, entries } = logged();
    expect(await auditedRestore(estate, repository, plan, async () => report)).toBe(report);
    expect(entries).toEqual([
      { action: 'restore', details: { snapshot: 's', path: '', mode: 'exact', to: 'live', region: 'eu-west-1' } },
      { outcome: 'complete', applied: 1, items: 2, bytes: 3, failures: 0 },
    ]);
  });

  it('that cannot be stored does not keep anything from being restored', async () => {
    const { estate, repository, events } = logged(new HoldfastError('storage.denied', 'read only'));
    expect(await auditedRestore(estate, repository, plan, async () => report)).toBe(report);
    expect(events).toMatchObject([{ type: 'notice', level: 'warning' }]);
  });

  it('does not repeat a restore that failed', async () => {
    const { estate, repository } = logged();
    let runs = 0;
    const failing = auditedRestore(estate, repository, plan, async () => {
      runs++;
      throw new HoldfastError('machine.disk-full', 'full');
    });
    await expect(failing).rejects.toMatchObject({ code: 'machine.disk-full' });
    expect(runs).toBe(1);
  });
});
