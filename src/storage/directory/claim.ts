import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hex } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { keyDigest } from '../keys.ts';
import { errnoOf } from './errors.ts';
import { makeTemporaryFolder, removeFile } from './temporary.ts';

const pollMs = 20;
/** A claim is held for two system calls; an owner that still holds it after this long is taken for dead. */
const deadAfterMs = 10_000;

/**
 * The exclusive right to change one key, among all processes that use the folder: a file created with O_EXCL that holds a
 * random token. Only `ifMatch` (and `ifAbsent` on file systems without hard links) needs it; a plain `ifAbsent` is one
 * link(2) and needs no claim.
 *
 * A claim whose owner died is broken after ten seconds of waiting. Whoever breaks it must first create `<claim>.<token>`,
 * which exactly one process can, so that a claim made meanwhile by somebody else is never broken. What remains: an owner
 * that is stopped for more than ten seconds between its last check and its rename may overwrite a newer version.
 */
export async function withClaim<T>(
  folder: string,
  key: string,
  runtime: Runtime,
  work: (stillOurs: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const path = join(folder, `claim-${keyDigest(key)}`);
  const token = hex(runtime.random.bytes(16));
  await makeTemporaryFolder(folder);
  await acquire(path, token, runtime);
  try {
    return await work(async () => {
      if ((await holderOf(path)) !== token) {
        throw new HoldfastError('storage.unavailable', `another process took over the change of ${key}`, {
          resource: key,
        });
      }
    });
  } finally {
    if ((await holderOf(path)) === token) await removeFile(path);
  }
}

async function acquire(path: string, token: string, runtime: Runtime): Promise<void> {
  let holder: string | undefined;
  let waited = 0;
  while (!(await create(path, token))) {
    const current = await holderOf(path);
    if (current !== holder) {
      holder = current;
      waited = 0;
    }
    if (holder !== undefined && waited >= deadAfterMs) {
      await breakClaim(path, holder);
      waited = 0;
    } else {
      await runtime.clock.sleep(pollMs);
      waited += pollMs;
    }
  }
}

async function breakClaim(path: string, holder: string): Promise<void> {
  const right = `${path}.${holder}`;
  if (!(await create(right, ''))) return;
  if ((await holderOf(path)) === holder) await removeFile(path);
  // Whoever gets the right again finds another holder, or none, and removes nothing.
  await removeFile(right);
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The token in the claim; inode and time of one whose owner died before it could write it; undefined: not claimed. */
async function holderOf(path: string): Promise<string | undefined> {
  try {
    const token = await readFile(path, 'utf8');
    if (token !== '') return token;
    const stats = await stat(path, { bigint: true });
    return `${stats.ino}-${stats.ctimeNs}`;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
