export { giveToServer, startPostgres, type PostgresServer, type PostgresSettings } from './postgres.ts';
export { freePort } from './process.ts';
export { programsOf, serverUser } from './programs.ts';
export { startRedis, type RedisServer } from './redis.ts';
