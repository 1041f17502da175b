import type { RDS } from '@aws-sdk/client-rds';
import type { DocumentService } from '../documents/contract.ts';
import { keepPoints } from '../points/index.ts';
import { optionsWithPoints, type OptionsWithPoints } from '../points/options.ts';
import { captureCalls, pointCalls, rdsClient, restoreCalls } from './calls.ts';
import { clusters, instances } from './databases.ts';
import { optionGroups } from './option-groups.ts';
import { clusterParameterGroups, parameterGroups } from './parameter-groups.ts';
import { rdsPoints } from './points.ts';
import { proxies } from './proxies.ts';
import { subnetGroups } from './subnet-groups.ts';
import { eventSubscriptions } from './subscriptions.ts';
import { quotas } from './quotas.ts';

export const rds: DocumentService<RDS, OptionsWithPoints> = {
  type: 'rds',
  title: 'RDS and Aurora',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'secrets-manager', 'sns'],
  calls: { capture: captureCalls, restore: restoreCalls, points: pointCalls },
  options: optionsWithPoints,
  client: rdsClient,
  kinds: [
    parameterGroups,
    clusterParameterGroups,
    optionGroups,
    subnetGroups,
    eventSubscriptions,
    proxies,
    instances,
    clusters,
  ],
  points: keepPoints(rdsPoints),
  quotas,
};
