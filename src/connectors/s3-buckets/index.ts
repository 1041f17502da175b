import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { calls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { contents } from './contents.ts';
import { discover } from './discover.ts';
import { options, type S3BucketsOptions } from './options.ts';
import { plan } from './plan.ts';
import { quotas } from './quotas.ts';
import { tenants } from './tenants.ts';

/** Amazon S3 buckets, and those of stores that speak its protocol: configuration, objects, versions. See README.md. */
export const connector: Connector<S3BucketsOptions> = {
  type: 's3-buckets',
  title: 'S3 buckets',
  scope: 'global',
  // Policies and replication name roles.
  // The account's block of public access stands before anything can be open.
  dependsOn: ['iam', 'kms', 's3-account'],
  calls,
  options,
  discover,
  capture,
  comparable,
  live: { plan, apply, contents, quotas },
  tenants,
};
