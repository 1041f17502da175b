import { join } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import { execute, exists, programError, type ClusterPrograms, type FailedProgram } from './programs.ts';

export interface RunningCluster {
  /** Folder of its socket. */
  readonly host: string;
  readonly port: string;
  /** A superuser of the cluster. */
  readonly user: string;
}

const without = 'Install it, or leave out --prove-user: what was restored is complete, but not checked by it.';

/** Throws machine.missing-tool where pg_amcheck is not among the programs. */
export async function requireAmcheck({ programs }: ClusterPrograms): Promise<void> {
  if (await exists(join(programs, 'pg_amcheck'))) return;
  throw new HoldfastError('machine.missing-tool', `pg_amcheck (PostgreSQL 14 and newer) is not in ${programs}`, {
    hint: without,
  });
}

/**
 * Has pg_amcheck read all tables and B-tree indexes of all databases, and look each row up in its indexes. It leaves the extension amcheck in
 * databases that lacked it. Throws verify.damage with what is damaged, machine.missing-tool where the server lacks the extension,
 * usage.invalid for a user who is not there or may not.
 */
export async function checkRelations(programs: ClusterPrograms, { host, port, user }: RunningCluster): Promise<void> {
  const where = ['-h', host, '-p', port, '-U', user, '--no-password'];
  try {
    await execute(programs, 'pg_amcheck', [...where, '--all', '--install-missing', '--heapallindexed']);
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as FailedProgram;
    // 2: it could check everything, and not all is well (main() of pg_amcheck.c). 1: it could not. Or it had more to say than is read.
    if (code === 2 || code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') throw damaged(stdout, programs, error);
    if (/extension "amcheck" is not available|extension\/amcheck\.control/.test(stderr)) {
      const message = `the server of ${programs.programs} lacks the extension amcheck, which pg_amcheck asks`;
      throw new HoldfastError('machine.missing-tool', message, { hint: without, cause: error });
    }
    const [refused] = /(role ".*" does not exist|permission denied .*|must be superuser.*)$/m.exec(stderr) ?? [];
    if (refused === undefined) throw programError(error, programs, 'pg_amcheck');
    throw new HoldfastError('usage.invalid', `pg_amcheck: ${refused}`, {
      hint: 'Name a superuser of the restored cluster with --prove-user, whom its pg_hba.conf lets in over a socket without a password.',
      cause: error,
    });
  }
}

const mostNamed = 5;

/** `btree index "app.public.orders_pkey":`, then what is wrong with it, indented. */
function damaged(said: string, { dataFolder }: ClusterPrograms, cause: unknown): HoldfastError {
  const found = new Map<string, string>();
  for (const [, place = '', problem = ''] of said.matchAll(/^(\S.*):\n\s+(?:ERROR: +)?(.*)$/gm)) {
    // `heap table "app.public.orders", block 3, offset 7, attribute 2`: one table may have many.
    const [relation = place] = /^[^"]*"(?:[^"]|"")*"/.exec(place) ?? [];
    if (!found.has(relation)) found.set(relation, problem);
  }
  const named = [...found].slice(0, mostNamed).map(([relation, problem]) => `${relation}: ${problem}`);
  const more = found.size > mostNamed ? `; and ${found.size - mostNamed} more` : '';
  const what = named.length === 0 ? said.trim().slice(-500) : `${named.join('; ')}${more}`;
  return new HoldfastError('verify.damage', `pg_amcheck found damage in ${what}`, {
    resource: dataFolder,
    hint: 'It was so when the base backup was taken, or the WAL made it so: look at the server. REINDEX mends an index; for tables take an older snapshot.',
    cause,
  });
}
