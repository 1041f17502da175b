import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { calls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { contents } from './contents.ts';
import { discover } from './discover.ts';
import { options, type LocalOptions } from './options.ts';
import { plan } from './plan.ts';

export const connector: Connector<LocalOptions> = {
  type: 'local',
  title: 'Files and folders on this machine',
  scope: 'local',
  dependsOn: [],
  calls,
  options,
  discover,
  capture,
  comparable,
  live: { plan, apply, contents },
};
