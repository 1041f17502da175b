import { script } from '@bomb.sh/tab';
import type { CommandContext, Exit } from '../../context.ts';

/** Prints the script; it calls `holdfast complete -- WORDS` at each TAB. */
export async function runCompletion(_context: CommandContext, shell: 'bash' | 'zsh' | 'fish'): Promise<Exit> {
  script(shell, 'holdfast', 'holdfast');
  return await Promise.resolve(0);
}
