import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { calls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { discover, type } from './discover.ts';
import { plan } from './plan.ts';
import { options, type PostgresOptions } from './options.ts';
import { tenants } from './tenants/index.ts';
import { showRows } from './show-rows.ts';

export const connector: Connector<PostgresOptions> = {
  type,
  title: 'PostgreSQL databases',
  scope: 'local',
  awaitsMoment: true,
  dependsOn: [],
  calls,
  options,
  discover,
  capture,
  comparable,
  rows: showRows,
  live: { plan, apply },
  tenants,
};
