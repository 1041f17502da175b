import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import type { CheckJournal } from './contract.ts';

const firstLine = 'holdfast check 1';
const finished = 'finished';
const packLine = /^(?:data|meta)\/[0-9a-f]{2}\/[0-9a-f]{64}$|^wal\/[0-9a-f]{32}\/[0-9a-f]{8}\/[0-9a-fhistory-]+$/;

/**
 * The journal as a file of this machine: a first line with the repository's id, then a line per pack or object of WAL. A line that a
 * crash left half-written names none and is passed over. `resume`: goes on with what is there, unless it belongs to another
 * repository or to a check that came to its end. Throws usage.invalid where the file cannot be used.
 */
export async function openCheckJournal(path: string, repository: string, resume: boolean): Promise<CheckJournal> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const done = resume ? await packsOf(path, repository) : new Set<string>();
    const file = await open(path, done.size > 0 ? 'a' : 'w', 0o600);
    // One line after another: several packs are read at a time.
    let written: Promise<unknown> = Promise.resolve();
    const write = async (line: string): Promise<void> => {
      written = written.then(() => file.write(line));
      await written;
    };
    // The line feed in front ends a line that a crash cut.
    await write(done.size > 0 ? '\n' : `${firstLine} ${repository}\n`);
    return {
      done,
      add: (pack) => write(`${pack}\n`),
      finish: () => write(`${finished}\n`),
      close: () => file.close(),
    };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new HoldfastError('usage.invalid', `what was checked cannot be noted in ${path} (${why})`, {
      cause: error,
      hint: 'Set HOLDFAST_CACHE_DIR to a folder that may be written to.',
    });
  }
}

async function packsOf(path: string, repository: string): Promise<Set<string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
    throw error;
  }
  const [first, ...lines] = text.split('\n');
  if (first !== `${firstLine} ${repository}` || lines.includes(finished)) return new Set();
  return new Set(lines.filter((line) => packLine.test(line)));
}
