import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HoldfastError } from '../../kernel/errors.ts';

/** A data folder, and the programs that know it. */
export interface ClusterPrograms {
  readonly dataFolder: string;
  /** Where pg_ctl, pg_controldata, postgres and, as far as they are to check, pg_verifybackup and pg_amcheck of the server's version lie. */
  readonly programs: string;
  /** Whom the programs run as; undefined: who runs this. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Runs one. Throws machine.missing-tool where it is not there or dies, verify.damage with the last it said where it ends badly.
 */
export async function runProgram(
  request: ClusterPrograms,
  program: string,
  args: readonly string[],
): Promise<{ stdout: string }> {
  try {
    return await execute(request, program, args);
  } catch (error) {
    throw programError(error, request, program);
  }
}

/** What runProgram throws for a FailedProgram. */
export function programError(error: unknown, request: ClusterPrograms, program: string): HoldfastError {
  const { code, signal, stdout = '', stderr = '' } = error as FailedProgram;
  if (code === 'ENOENT')
    return new HoldfastError('machine.missing-tool', `${program} is not in ${request.programs}`, { cause: error });
  if (signal)
    return new HoldfastError('machine.missing-tool', `${program} died of ${signal}`, {
      hint: `Run ${program} of ${request.programs} by hand; where it dies there too, give --prove the folder of the server's own version.`,
      cause: error,
    });
  const said = `${stderr}${stdout}`.trim().split('\n').slice(-3).join('; ');
  return new HoldfastError('verify.damage', `${program}: ${said}`, { resource: request.dataFolder, cause: error });
}

/** What a program that ended badly is known by. */
export interface FailedProgram {
  readonly code?: unknown;
  readonly signal?: string | null;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Runs one as the owner of the data folder; rejects with a FailedProgram. */
export async function execute(
  { programs, owner }: ClusterPrograms,
  program: string,
  args: readonly string[],
): Promise<{ stdout: string }> {
  const settings = { cwd: '/', maxBuffer: 16 * 1024 * 1024, env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' }, ...owner };
  return await promisify(execFile)(join(programs, program), [...args], settings);
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
