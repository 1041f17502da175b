import { resolve } from 'node:path';
import { fetchFile, pushFile } from '../../../estate/wal/segment-file.ts';
import { isCode } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { report } from '../../run-command.ts';
import { openConfig, openForReading, openRepository } from '../../wiring.ts';

/** Exit 0 only when the file is stored: the server keeps it and tries again otherwise. */
export async function runPush(context: CommandContext, path: string): Promise<Exit> {
  const repository = await openRepository(context, await openConfig(context));
  const result = await pushFile(repository, resolve(context.folder, path));
  if (result === 'ignored') context.output.say(`${path} is not needed for a recovery from this repository.`);
  return 0;
}

/**
 * Exit 1: it is not stored, which the server takes for the end of the WAL. Any other failure must not look like that, or the server takes
 * over too early: 130, which PostgreSQL takes for a signal, ends its recovery with an error.
 */
export async function runFetch(context: CommandContext, name: string, path: string): Promise<Exit> {
  try {
    const { repository } = await openForReading(context);
    await fetchFile(repository, name, resolve(context.folder, path));
    return 0;
  } catch (error) {
    if (isCode(error, 'wal.not-found')) {
      context.output.say(`${error.message}.`);
      return 1;
    }
    await report(error, context.output);
    return 130;
  }
}
