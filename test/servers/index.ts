export { giveToServer, startPostgres, type PostgresServer, type PostgresSettings } from './postgres.ts';
export { freePort } from './process.ts';
export { postgresVersions, serverUser, type PostgresVersion } from './programs.ts';
export { startRedis, type RedisServer } from './redis.ts';
