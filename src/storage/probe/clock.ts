import { utf8 } from '../../kernel/bytes.ts';
import type { Finding, ProbeTools } from './contract.ts';

/** S3 refuses requests of clocks that are 15 minutes off; leases and retention get wrong long before. */
const most = 3 * 60_000;

/** Compares the store's clock, as it stands in modifiedAt, with this machine's. */
export async function probeClock({ store, runtime, prefix }: ProbeTools): Promise<Finding> {
  const key = `${prefix}clock`;
  const before = runtime.clock.now();
  await store.put(key, [utf8('clock')], { ifAbsent: true });
  const after = runtime.clock.now();
  const stat = await store.stat(key);
  await store.delete(key);
  // Stores name whole seconds.
  const drift = stat === undefined ? 0 : stat.modifiedAt + 500 - (before + after) / 2;
  const seconds = Math.round(Math.abs(drift) / 1000);
  const said = `the store’s clock is ${seconds} s ${drift < 0 ? 'behind' : 'before'} this machine’s`;
  if (Math.abs(drift) <= most) return { name: 'clock', outcome: 'ok', said };
  return {
    name: 'clock',
    outcome: 'fail',
    said,
    consequence:
      'Snapshots get wrong dates, and locks and retention end too early or too late: set the clock of this machine.',
  };
}
