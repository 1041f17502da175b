import { z } from 'zod';
import type { Connector } from '../../../src/connectors/contract.ts';
import { apply } from './apply.ts';
import { captureCalls, restoreCalls } from './calls.ts';
import { capture } from './capture.ts';
import { discover } from './discover.ts';
import { plan } from './plan.ts';

export const connector: Connector = {
  type: 'iam-groups',
  title: 'IAM groups and their policies',
  scope: 'global',
  dependsOn: [],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  discover,
  capture,
  live: { plan, apply },
};
