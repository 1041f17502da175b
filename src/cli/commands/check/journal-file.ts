import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandContext } from '../../context.ts';

/** Where what was read is noted: HOLDFAST_CACHE_DIR, or the person's own folder for caches (XDG Base Directory). */
export function journalFile({ env, folder }: CommandContext, repository: string): string {
  const own = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const named = env['HOLDFAST_CACHE_DIR'];
  return join(named ? resolve(folder, named) : join(own, 'holdfast'), `check-${repository}`);
}
