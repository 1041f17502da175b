import { readFile } from 'node:fs/promises';
import { HoldfastError } from '../kernel/errors.ts';

/** A file that holds a secret. Throws config.secret-missing where it cannot be read. */
export async function readSecretFile(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new HoldfastError('config.secret-missing', `${what} ${path} cannot be read (${why})`, {
      cause: error,
      hint: 'Check the path and its permissions.',
    });
  }
}
