import type { BigIntStats } from 'node:fs';
import { link, mkdir, open, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ByteRange, ObjectStore, PutOptions } from '../contract.ts';
import { checkKey, checkPrefix, reservedSegment } from '../keys.ts';
import { alreadyExists, checkPrecondition } from '../precondition.ts';
import { checkRange, truncated } from '../ranges.ts';
import { withClaim } from './claim.ts';
import { errnoOf, fromErrno } from './errors.ts';
import { listObjects, statFile, storedObject, versionOf } from './listing.ts';
import { createDirectorySync, createFolders } from './sync.ts';
import { stageIn } from './stage.ts';
import { adoptTemporary, removeFile, sweepTemporary, writeTemporary, type TemporaryFile } from './temporary.ts';

export interface DirectoryStoreSettings {
  /** Relative paths are relative to the working directory of the process. */
  readonly path: string;
  /** Creates the directory, and those above it, when it is missing. */
  readonly create?: boolean;
  readonly runtime: Runtime;
}

/** link(2) is refused so on file systems that have no hard links. */
const noHardLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * A store in a directory of this machine or of a network file system. An object is one file, written beside the others
 * in `tmp/`, synced, and then linked (`ifAbsent`: atomic, and all that leases and commits rest on) or renamed into place;
 * then its directory is synced. `ifMatch` is decided under a claim (claim.ts) and holds among `ifMatch` puts and deletes;
 * a put without conditions waits for nobody.
 * Throws storage.bucket-missing when the directory is not there, storage.denied when it may not be read.
 */
export async function openDirectoryStore(settings: DirectoryStoreSettings): Promise<ObjectStore> {
  const root = resolve(settings.path);
  const temporary = join(root, reservedSegment);
  const { runtime } = settings;
  const directories = createDirectorySync();
  const folders = createFolders(root, directories);
  await openRoot(root, settings.create ?? false);
  await sweep(temporary, runtime);

  async function put(key: string, parts: readonly Uint8Array[], options: PutOptions): Promise<string> {
    // Known losers are turned away before they write anything; the decision itself falls below.
    if (options.ifAbsent === true || options.ifMatch !== undefined) {
      checkPrecondition(key, versionIfAny(await statFile(join(root, key))), options);
    }
    const file = await writeTemporary(temporary, parts, runtime.random);
    try {
      return await keep(file, key, options);
    } finally {
      await removeFile(file.path);
    }
  }
  async function keep(file: TemporaryFile, key: string, options: PutOptions): Promise<string> {
    await place(file, key, options);
    await directories.sync(dirname(join(root, key)));
    return versionOf(file.stats);
  }
  async function place(file: TemporaryFile, key: string, options: PutOptions): Promise<void> {
    const path = join(root, key);
    await folders.make(dirname(path));
    if (options.ifMatch !== undefined) return await replaceClaimed(file, key, options);
    if (options.ifAbsent !== true) return await rename(file.path, path);
    try {
      await link(file.path, path);
    } catch (error) {
      if (noHardLinks.includes(errnoOf(error))) return await replaceClaimed(file, key, options);
      if (errnoOf(error) !== 'EEXIST') throw error;
      const there = await stat(path, { bigint: true });
      // A network file system may answer the repetition of a link that had succeeded.
      if (there.ino === file.stats.ino && there.dev === file.stats.dev) return;
      if (there.isDirectory()) throw overDirectory(key, error);
      throw alreadyExists(key, error);
    }
  }
  async function replaceClaimed(file: TemporaryFile, key: string, options: PutOptions): Promise<void> {
    const path = join(root, key);
    await withClaim(temporary, key, runtime, async (stillOurs) => {
      checkPrecondition(key, versionIfAny(await statFile(path)), options);
      await stillOurs();
      await rename(file.path, path);
    });
  }
  async function remove(key: string, ifMatch: string | undefined): Promise<void> {
    const path = join(root, key);
    const removed =
      ifMatch === undefined
        ? await removeObject(path)
        : await withClaim(temporary, key, runtime, async (stillOurs) => {
            const there = await statFile(path);
            if (there === undefined) return false;
            checkPrecondition(key, versionOf(there), { ifMatch });
            await stillOurs();
            return await removeObject(path);
          });
    if (removed) await directories.sync(dirname(path));
  }

  return {
    address: settings.path,
    capabilities: {
      lock: false,
      storageClasses: false,
      filePath(key) {
        checkKey(key);
        return join(root, key);
      },
      stage: stageIn(temporary, runtime, (path, key, options) =>
        named('write', key, async () => keep(await adoptTemporary(path, runtime.random), key, options)),
      ),
    },
    async get(key, range) {
      checkKey(key);
      return await named('read', key, () => readObject(join(root, key), key, range));
    },
    async put(key, parts, options = {}) {
      checkKey(key);
      if (options.retain !== undefined) {
        throw new HoldfastError('storage.unsupported', `a directory cannot lock ${key} until a date`, {
          resource: key,
        });
      }
      return { version: await named('write', key, () => put(key, parts, options)) };
    },
    async *list(prefix) {
      checkPrefix(prefix);
      try {
        yield* listObjects(root, prefix);
      } catch (error) {
        throw fromErrno(error, 'list', `${settings.path}/${prefix}`);
      }
    },
    async stat(key) {
      checkKey(key);
      const stats = await named('stat', key, () => statFile(join(root, key)));
      return stats === undefined ? undefined : storedObject(key, stats);
    },
    async delete(key, options = {}) {
      checkKey(key);
      await named('delete', key, () => remove(key, options.ifMatch));
    },
    async close() {
      /* every call opens and closes what it needs */
    },
  };
}

async function openRoot(root: string, create: boolean): Promise<void> {
  try {
    if (create) await mkdir(root, { recursive: true, mode: 0o700 });
    if ((await stat(root)).isDirectory()) return;
  } catch (error) {
    if (!['ENOENT', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error))) throw fromErrno(error, 'open', root);
    if (errnoOf(error) === 'ENOENT') {
      throw new HoldfastError('storage.bucket-missing', `the directory ${root} does not exist`, {
        resource: root,
        hint: 'Create the directory, mount it, or correct the repository address.',
        cause: error,
      });
    }
  }
  throw new HoldfastError('config.invalid', `${root} is not a directory`, { resource: root });
}

async function sweep(temporary: string, runtime: Runtime): Promise<void> {
  try {
    await sweepTemporary(temporary, runtime.random);
  } catch (error) {
    // A store that may only be read, or is full, can still be opened: a put says what is wrong.
    const known = fromErrno(error, 'clean', temporary);
    if (known.code !== 'storage.denied' && known.code !== 'storage.full') throw known;
  }
}

async function readObject(path: string, key: string, range: ByteRange | undefined): Promise<Uint8Array> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw errnoOf(error) === 'ENOTDIR' ? notFound(key, error) : error;
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notFound(key);
    const { size } = stats;
    const wanted = range ?? { offset: 0, length: size };
    checkRange(key, wanted, size);
    return await readExactly(handle, key, wanted);
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, key: string, range: ByteRange): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(range.length);
  let filled = 0;
  while (filled < range.length) {
    const { bytesRead } = await handle.read(bytes, filled, range.length - filled, range.offset + filled);
    if (bytesRead === 0) throw truncated(key, `it ended at byte ${range.offset + filled}`);
    filled += bytesRead;
  }
  return bytes;
}

async function removeObject(path: string): Promise<boolean> {
  try {
    return await removeFile(path);
  } catch (error) {
    // `a/b` where `a` is an object, or `a` where only `a/b` is: no such object.
    if (['ENOTDIR', 'EISDIR'].includes(errnoOf(error))) return false;
    if (errnoOf(error) === 'EPERM' && (await statFile(path)) === undefined) return false;
    throw error;
  }
}

async function named<T>(doing: string, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // A write needs nothing to be there but the folder of the store: it was removed or unmounted.
    if (doing === 'write' && errnoOf(error) === 'ENOENT') {
      throw new HoldfastError('storage.unavailable', `cannot write ${key}: the folder of the store is gone`, {
        resource: key,
        cause: error,
      });
    }
    throw fromErrno(error, doing, key);
  }
}

function versionIfAny(stats: BigIntStats | undefined): string | undefined {
  return stats === undefined ? undefined : versionOf(stats);
}

function notFound(key: string, cause?: unknown): HoldfastError {
  return new HoldfastError('storage.not-found', `no object ${key}`, { resource: key, cause });
}

function overDirectory(key: string, cause: unknown): HoldfastError {
  return new HoldfastError('storage.unsupported', `${key} cannot be an object: there are objects below it`, {
    resource: key,
    cause,
  });
}
