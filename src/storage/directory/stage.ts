import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { PutOptions, StageCapability } from '../contract.ts';
import { checkKey } from '../keys.ts';
import { errnoOf, fromErrno } from './errors.ts';
import { makeTemporaryFolder, removeFile, temporaryName } from './temporary.ts';

/** Staging in the folder of unfinished files: what a dead process leaves there is swept away as those are. */
export function stageIn(
  folder: string,
  runtime: Runtime,
  keep: (path: string, key: string, options: PutOptions) => Promise<string>,
): StageCapability {
  return {
    async prepare() {
      try {
        await makeTemporaryFolder(folder);
      } catch (error) {
        throw fromErrno(error, 'write', folder);
      }
      return join(folder, `${temporaryName(runtime.random)}-`);
    },
    async put(path, key, options = {}) {
      checkKey(key);
      if (options.ifMatch !== undefined || options.retain !== undefined)
        throw new HoldfastError('storage.unsupported', `${key} cannot be staged with a condition or a lock`, {
          resource: key,
        });
      const version = await keep(path, key, options);
      await removeFile(path);
      return { version };
    },
    async discard(prefix) {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return [];
        throw fromErrno(error, 'clean', folder);
      });
      for (const name of names) if (name.startsWith(basename(prefix))) await removeFile(join(folder, name));
    },
  };
}
