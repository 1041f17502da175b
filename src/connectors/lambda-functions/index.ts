import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { captureCalls, restoreCalls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { discover } from './discover.ts';
import { isLayer } from './layer-capture.ts';
import { options, type LambdaOptions } from './options.ts';
import { plan } from './plan.ts';
import { quotas } from './quotas.ts';

/** Lambda functions and the layers they are made of. */
export const connector: Connector<LambdaOptions> = {
  type: 'lambda-functions',
  title: 'Lambda functions',
  scope: 'regional',
  dependsOn: ['iam', 'dynamodb', 's3-buckets', 'ecr'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options,
  discover,
  capture,
  comparable,
  live: { plan, apply, quotas, rank: (ref) => (isLayer(ref) ? 0 : 1) },
};
