import { postgresVersions, type PostgresVersion } from '../servers/index.ts';

/** `npm run test:postgres` takes all; the long suite those that no other test runs against. */
export const versions: readonly PostgresVersion[] =
  process.env['HOLDFAST_POSTGRES'] === 'all' ? postgresVersions : [13, 14, 15, 17];
