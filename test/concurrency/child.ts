import { writeSync } from 'node:fs';
import { HoldfastError } from '../../src/kernel/errors.ts';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import { decorate, type StoreCall } from '../../src/storage/decorators/forward.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { openSmall, snapshotOf } from '../repository/small-repository.ts';
import { wanted } from './stopped-contents.ts';

/**
 * `child VAULT METHOD PREFIX WHEN`: stores a snapshot, and stops itself by SIGSTOP before or after the first such call of the
 * store. Prints `stopping`, and in the end `committed ID` or the code of an error.
 */
const [, , vault = '', method = '', prefix = '', at = ''] = process.argv;
const directory = await openDirectoryStore({ path: vault, runtime: systemRuntime });
let isDone = false;

function meet(call: StoreCall, when: 'before' | 'after'): void {
  if (isDone || call.method !== method || !call.key.startsWith(prefix) || when !== at) return;
  isDone = true;
  writeSync(1, 'stopping\n');
  process.kill(process.pid, 'SIGSTOP');
}

async function* list(under: string): ReturnType<typeof directory.list> {
  meet({ method: 'list', key: under }, 'before');
  yield* directory.list(under);
  meet({ method: 'list', key: under }, 'after');
}

const store = decorate(
  directory,
  async (call, work) => {
    meet(call, 'before');
    const result = await work();
    meet(call, 'after');
    return result;
  },
  list,
);
// Opened before anything of interest happens.
isDone = true;
const repository = await openSmall({ store, runtime: systemRuntime });
isDone = false;
try {
  const { id } = await snapshotOf(repository, wanted);
  writeSync(1, `committed ${id}\n`);
} catch (error) {
  writeSync(1, `${error instanceof HoldfastError ? error.code : String(error)}\n`);
}
await repository.close();
