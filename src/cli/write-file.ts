import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asHoldfastError, HoldfastError } from '../kernel/errors.ts';

/**
 * Writes a whole file or none. `keep` (the default) and `secret` (mode 0600) refuse to touch a file that is there;
 * `replace` is for what is generated anyway. Throws config.unreadable with the reason.
 */
export async function writeNew(
  path: string,
  text: string,
  purpose: 'keep' | 'secret' | 'replace' = 'keep',
): Promise<void> {
  const draft = purpose === 'replace' ? `${path}.tmp` : path;
  let made = false;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(draft, purpose === 'replace' ? 'w' : 'wx', purpose === 'secret' ? 0o600 : 0o644);
    made = true;
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (draft !== path) await rename(draft, path);
  } catch (error) {
    if (made) await rm(draft, { force: true });
    const known = asHoldfastError(error);
    if (known.code === 'machine.disk-full')
      throw new HoldfastError(known.code, `no space left to write ${path}`, { cause: error });
    if (known.code !== 'internal.bug') throw known;
    const there = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new HoldfastError(
      'config.unreadable',
      there ? `${path} is already there` : `${path} cannot be written: ${known.message}`,
      {
        cause: error,
        hint: there ? 'Choose another file, or remove it.' : 'Check the path and its permissions.',
      },
    );
  }
}
