import { Client } from 'pg';
import { z } from 'zod';

/** One source of type `postgres`: one database. */
export interface PostgresOptions {
  /** The source's name: the name of its resource. */
  readonly name: string;
  /** `postgres://user:password@host:5432/database?sslmode=require`; a secret. */
  readonly url: string;
  /** Connections that copy rows at the same time, besides the one that holds the snapshot. */
  readonly connections: number;
  /** Whose rows are captured: patterns on `schema` or `schema.table`. Empty: all. Definitions are captured whatever they say. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Program that writes definitions; `pg_dumpall` is looked for beside it. */
  readonly 'pg-dump': string;
}

export const options: z.ZodType<PostgresOptions> = z.strictObject({
  name: z
    .string()
    .regex(/^[^/\0]+$/, 'the name of a postgres source has no slash')
    .default('postgres'),
  url: z.string().refine(isDatabaseUrl, 'expected postgres://user@host:5432/database'),
  connections: z.number().int().min(1).max(64).default(4),
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  'pg-dump': z.string().default('pg_dump'),
});

function isDatabaseUrl(url: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(url)) return false;
  try {
    return new URL(url).pathname.length > 1 && new Client({ connectionString: url }).database !== undefined;
  } catch {
    return false;
  }
}

/** Name of the database that a URL names. */
export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
}

/** Where it is, without user and password: `db.example.com:5432/app`. */
export function placeOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? '5432' : port}/${databaseOf(url)}`;
}
