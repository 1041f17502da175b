import { postgresVersions, type PostgresVersion } from '../servers/index.ts';

const all = process.env['HOLDFAST_POSTGRES'] === 'all';

/** `npm run test:postgres` takes all; the long suite those that no other test runs against. */
export const versions: readonly PostgresVersion[] = all ? postgresVersions : [13, 14, 15, 17];

/** Of base backups: they are framed in two ways, one up to 14 and one from 15 on. */
export const backupVersions: readonly PostgresVersion[] = all ? postgresVersions : [13, 15];
