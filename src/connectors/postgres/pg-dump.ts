import { spawn } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import { placeOf, type PostgresOptions } from './options.ts';

/** Reads the password from standard input: it is in no argument and no file, and only the program sees it. */
const withPassword = 'IFS= read -r PGPASSWORD; if [ -n "$PGPASSWORD" ]; then export PGPASSWORD; fi; exec "$0" "$@"';

/**
 * Runs pg_dump (or pg_dumpall, which is looked for beside it) and returns what it wrote, without the lines that differ from
 * run to run. Throws item.unreadable with what it said.
 */
export async function runDump(
  { url, 'pg-dump': program }: PostgresOptions,
  tool: 'pg_dump' | 'pg_dumpall',
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { target, password } = libpqUrl(url);
  const path =
    tool === 'pg_dump' ? program : join(dirname(program), basename(program).replace('pg_dump', 'pg_dumpall'));
  const written = await run(dirname(program) === '.' ? basename(path) : path, [...args, `--dbname=${target}`], {
    password,
    signal,
    resource: placeOf(url),
  });
  return withoutVolatile(written);
}

/** Throws item.unreadable where there is no pg_dump, or one older than the server: it could not know what is there. */
export async function checkDump(
  { 'pg-dump': program, url }: PostgresOptions,
  serverVersion: number,
  signal: AbortSignal,
) {
  const resource = placeOf(url);
  const server = Math.floor(serverVersion / 10_000);
  const hint = `Install postgresql-client-${server} or newer, or name its pg_dump with the option pg-dump of the source.`;
  const said = await run(program, ['--version'], { password: '', signal, resource }).catch((error: unknown) => {
    throw new HoldfastError('item.unreadable', `${program} cannot be run: ${(error as Error).message}`, {
      resource,
      hint,
    });
  });
  const found = Number(/\) (\d+)/.exec(said)?.[1] ?? 0);
  if (found >= server) return;
  throw new HoldfastError('item.unreadable', `${program} is of version ${found}, the server of version ${server}`, {
    resource,
    hint,
  });
}

/** As libpq reads it: the password apart, and without parameters that only the driver of this program knows. */
function libpqUrl(url: string): { readonly target: string; readonly password: string } {
  const target = new URL(url);
  const password = decodeURIComponent(target.password);
  target.password = '';
  if (target.searchParams.get('sslmode') === 'no-verify') target.searchParams.set('sslmode', 'require');
  for (const own of ['ssl', 'uselibpqcompat', 'pool_max_conns']) target.searchParams.delete(own);
  return { target: target.href, password };
}

interface RunSettings {
  readonly password: string;
  readonly signal: AbortSignal;
  readonly resource: string;
}

async function run(
  program: string,
  args: readonly string[],
  { password, signal, resource }: RunSettings,
): Promise<string> {
  const child = spawn('/bin/sh', ['-c', withPassword, program, ...args], { signal, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${password}\n`);
  const written: Buffer[] = [];
  let said = '';
  child.stdout.on('data', (piece: Buffer) => written.push(piece));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4096)));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status === 0) return Buffer.concat(written).toString('utf8');
  const why = said.trim().split('\n').slice(0, 3).join('; ');
  const denied = why.includes('permission denied');
  throw new HoldfastError(
    denied ? 'item.denied' : 'item.unreadable',
    `${basename(program)}: ${why || `status ${status}`}`,
    {
      resource,
      ...(denied
        ? { hint: 'Grant the role SELECT on all tables and sequences (pg_read_all_data), or use the owner.' }
        : {}),
    },
  );
}

/** A random key of psql's `\restrict`, and versions of programs: at the text's beginning and end only. */
function withoutVolatile(text: string): string {
  return text
    .replace(/^\\restrict .*\n/m, '')
    .replace(/^-- Dumped from .*\n/m, '')
    .replace(/^-- Dumped by .*\n/m, '')
    .replace(/^\\unrestrict \S+\n(?=\s*(--\n-- PostgreSQL database (cluster )?dump complete\n--\s*)?$)/m, '');
}
