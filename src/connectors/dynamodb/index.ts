import type { Connector } from '../contract.ts';
import { keepPoints } from '../points/index.ts';
import { apply } from './apply.ts';
import { captureCalls, exportCalls, pointCalls, restoreCalls } from './calls.ts';
import { capture } from './capture.ts';
import { discover } from './discover.ts';
import { plan } from './plan.ts';
import { quotas } from './quotas.ts';
import { options, type DynamoOptions } from './options.ts';
import { dynamoPoints } from './points.ts';
import { type } from './tables.ts';
import { tenants } from './tenants.ts';

export const connector: Connector<DynamoOptions> = {
  type,
  title: 'DynamoDB tables',
  scope: 'regional',
  // Keys of KMS and roles of auto scaling; a table itself needs no other type that restores live.
  dependsOn: ['iam'],
  calls: { capture: captureCalls, restore: restoreCalls, points: [...pointCalls, ...exportCalls] },
  options,
  discover,
  capture,
  comparable(where, value) {
    // ARNs of the table and of its stream: other ones where the table was made again.
    return where.collection === '' && where.part === 'attributes' ? {} : value;
  },
  points: keepPoints(dynamoPoints),
  live: { toMoment: () => true, plan, apply, quotas },
  tenants,
};
