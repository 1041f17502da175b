import type { Connector } from '../contract.ts';
import { captureCalls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { discover } from './discover.ts';
import { options, type Options } from './options.ts';

/** Restores to a directory only. */
export const connector: Connector<Options> = {
  type: 'iam',
  title: 'IAM users, roles and policies',
  scope: 'global',
  dependsOn: [],
  calls: { capture: captureCalls, restore: [] },
  options,
  discover,
  capture,
  comparable,
};
