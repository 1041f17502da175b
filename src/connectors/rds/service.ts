import type { RDS } from '@aws-sdk/client-rds';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, rdsClient, restoreCalls } from './calls.ts';
import { clusters, instances } from './databases.ts';
import { optionGroups } from './option-groups.ts';
import { clusterParameterGroups, parameterGroups } from './parameter-groups.ts';
import { proxies } from './proxies.ts';
import { subnetGroups } from './subnet-groups.ts';
import { eventSubscriptions } from './subscriptions.ts';

export const rds: DocumentService<RDS, Record<string, never>> = {
  type: 'rds',
  title: 'RDS and Aurora',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'secrets-manager', 'sns'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
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
};
