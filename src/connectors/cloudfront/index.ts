import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { captureCalls, restoreCalls } from './calls.ts';
import { capture } from './capture.ts';
import { accountResource, discover } from './discover.ts';
import { options, type CloudFrontOptions } from './options.ts';
import { plan } from './plan.ts';
import { quotas } from './quotas.ts';

/** CloudFront distributions and what they share. */
export const connector: Connector<CloudFrontOptions> = {
  type: 'cloudfront',
  title: 'CloudFront distributions',
  scope: 'global',
  // Roles that write logs, certificates, functions at the edge, web ACLs.
  dependsOn: ['iam', 'acm', 'lambda-functions', 'wafv2'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options,
  discover,
  capture,
  comparable: ({ part }, value) => (part === 'attributes' ? {} : value),
  // Distributions refer to what they share.
  live: { rank: (ref) => (ref.name === accountResource ? 0 : 1), plan, apply, quotas },
};
