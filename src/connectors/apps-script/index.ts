import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { calls } from './calls.ts';
import { capture, discover } from './capture.ts';
import { comparable } from './comparable.ts';
import { options, type AppsScriptOptions } from './options.ts';
import { plan } from './plan.ts';

/** Google Apps Script projects: their files as they are, every version, and deployments. */
export const connector: Connector<AppsScriptOptions> = {
  type: 'apps-script',
  title: 'Google Apps Script projects',
  scope: 'local',
  dependsOn: [],
  calls,
  options,
  discover,
  capture,
  comparable,
  live: { plan, apply },
};
