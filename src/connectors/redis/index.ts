import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { calls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { discover, isRdbFile } from './discover.ts';
import { options, type RedisOptions } from './options.ts';
import { plan } from './plan.ts';
import { tenants } from './tenants.ts';

export const connector: Connector<RedisOptions> = {
  type: 'redis',
  title: 'Redis and Valkey servers',
  scope: 'local',
  awaitsMoment: true,
  dependsOn: [],
  oneResource: true,
  calls,
  options,
  discover,
  capture,
  comparable,
  live: {
    plan,
    apply,
    directoryOnly: (ref) =>
      isRdbFile(ref)
        ? 'an RDB file returns to a directory only: start a server on it (redis-server --dir DIR)'
        : undefined,
  },
  tenants,
};
