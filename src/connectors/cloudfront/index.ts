import type { Connector } from '../contract.ts';
import { captureCalls } from './calls.ts';
import { capture } from './capture.ts';
import { discover } from './discover.ts';
import { options, type CloudFrontOptions } from './options.ts';

/** CloudFront distributions, and what they share. Restores to a directory only. */
export const connector: Connector<CloudFrontOptions> = {
  type: 'cloudfront',
  title: 'CloudFront distributions',
  scope: 'global',
  dependsOn: [],
  calls: { capture: captureCalls, restore: [] },
  options,
  discover,
  capture,
  comparable: ({ part }, value) => (part === 'attributes' ? {} : value),
};
