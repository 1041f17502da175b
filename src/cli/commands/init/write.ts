import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { asBuffer } from '../../../kernel/bytes.ts';
import { asHoldfastError, HoldfastError } from '../../../kernel/errors.ts';
import type { RandomSource } from '../../../kernel/runtime.ts';

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

/** 160 bits as eight groups of letters and digits that are not mistaken for each other (RFC 4648 base32, in lower case). */
export function generatePassphrase(random: RandomSource): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = 0n;
  for (const byte of asBuffer(random.bytes(20))) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 32; i++) {
    text = `${alphabet.charAt(Number(bits & 31n))}${text}`;
    bits >>= 5n;
  }
  return (text.match(/.{4}/g) ?? [text]).join('-');
}
