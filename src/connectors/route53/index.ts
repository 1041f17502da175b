import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { captureCalls, restoreCalls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { discover } from './discover.ts';
import { accountResource } from './names.ts';
import { options, type Options } from './options.ts';
import { plan } from './plan.ts';
import { quotas } from './quotas.ts';

export const connector: Connector<Options> = {
  type: 'route53',
  title: 'Route 53 zones',
  scope: 'global',
  // Records lead to distributions and accelerators, and health checks stand before what they check.
  dependsOn: ['cloudfront', 's3-buckets', 'global-accelerator'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options,
  discover,
  capture,
  comparable,
  // Records refer to health checks, which belong to the account.
  live: { rank: (ref) => (ref.name === accountResource ? 0 : 1), plan, apply, quotas },
};
