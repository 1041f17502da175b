import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import type { Connection } from './connection.ts';
import { librariesOf } from './functions.ts';
import { isAtLeast } from './server-info.ts';
import { functionsFile } from './settings.ts';
import type { RestoreJob } from './target.ts';

/** Whether a primary lacks a captured library, has it with another text, or, with mode exact, has another one besides. */
export async function functionsDiffer(job: RestoreJob): Promise<boolean> {
  const wanted = await capturedFunctions(job);
  if (wanted === undefined) return false;
  for (const connection of job.router.primaries()) if (await differs(job, connection, wanted)) return true;
  return false;
}

/** Loads the captured libraries into every primary and reads them back. */
export async function restoreFunctions(job: RestoreJob): Promise<ActionOutcome> {
  const wanted = await capturedFunctions(job);
  if (wanted === undefined) return { result: 'unchanged', class: 'exact' };
  let items = 0;
  for (const connection of job.router.primaries()) {
    if (!(await differs(job, connection, wanted))) continue;
    const policy = { 'create-missing': 'APPEND', 'revert-changed': 'REPLACE', exact: 'FLUSH' }[job.context.mode];
    await connection.ask('load functions', 'FUNCTION', 'RESTORE', wanted, policy);
    if (await differs(job, connection, wanted)) {
      const { resource } = job.servers;
      throw new HoldfastError('item.changed', 'functions were loaded, but read back differently', { resource });
    }
    items += librariesOf(wanted).length;
  }
  return { result: items > 0 ? 'done' : 'unchanged', class: 'exact', items };
}

async function differs({ context }: RestoreJob, connection: Connection, wanted: Buffer): Promise<boolean> {
  const answer = await connection.ask('read the functions', 'FUNCTION', 'DUMP');
  const live = new Set(Buffer.isBuffer(answer) ? librariesOf(answer).map((one) => one.toString('latin1')) : []);
  // A server takes a payload as a whole: beside functions of its own, create-missing leaves it alone.
  if (context.mode === 'create-missing') return live.size === 0;
  const captured = librariesOf(wanted).map((one) => one.toString('latin1'));
  const isExtra = context.mode === 'exact' && live.size > captured.length;
  return isExtra || captured.some((one) => !live.has(one));
}

/** Undefined where none were captured, or where the target (before 7.0) has no functions. */
async function capturedFunctions({ captured, servers }: RestoreJob): Promise<Buffer | undefined> {
  const entry = await captured.entry('', functionsFile);
  if (entry === undefined || !isAtLeast(servers.info, 7)) return undefined;
  const payload = asBuffer(await captured.bytes(entry));
  return librariesOf(payload).length === 0 ? undefined : payload;
}
