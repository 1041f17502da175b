import type { Connector } from '../contract.ts';
import { calls } from './calls.ts';
import { capture } from './capture.ts';
import { discover } from './discover.ts';
import { options, type ClusterOptions } from './options.ts';

/** Without `live`: a data folder comes back to a directory, by `holdfast wal restore`, and a server is started on it. */
export const connector: Connector<ClusterOptions> = {
  type: 'postgres-cluster',
  title: 'PostgreSQL clusters (base backups and WAL)',
  scope: 'local',
  dependsOn: [],
  calls,
  options,
  discover,
  capture,
};
