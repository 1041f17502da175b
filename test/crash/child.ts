import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../../src/kernel/bytes.ts';
import { HoldfastError, isCode } from '../../src/kernel/errors.ts';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import type { Session } from '../../src/repository/session/contract.ts';
import { openRepository } from '../../src/repository/index.ts';
import { decorate } from '../../src/storage/decorators/forward.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { passphrase, refOf } from '../repository/small-repository.ts';
import { fastRuntime } from './fast-time.ts';

/**
 * `child VAULT FOLDER NAME START`: snapshots a folder as the resource local/NAME, going on with an interrupted snapshot
 * where there is one. Its time begins at START and runs a thousand times as fast, so that checkpoints come every 30 ms.
 * Prints `warm` when the threads are at work; `kept N` with each checkpoint, when entries up to N are in it for sure; and `done` or the code of an error.
 */
const [, , vault = '', folder = '', name = '', start = '0'] = process.argv;
const runtime = fastRuntime(Number(start));
const directory = await openDirectoryStore({ path: vault, runtime });
let taken = 0;
let inNextCheckpoint = 0;
let progress = (): number => 0;
const store = decorate(
  directory,
  async (call, work) => {
    const result = await work();
    // Signs of life lie there as well, and hold nothing.
    if (call.method === 'put' && call.key.startsWith('sessions/') && !call.key.endsWith('.alive')) {
      process.stdout.write(`kept ${inNextCheckpoint}\n`);
      inNextCheckpoint = taken;
    }
    taken = progress();
    return result;
  },
  (prefix) => directory.list(prefix),
);
const filePath = directory.capabilities.filePath;
const repository = await openRepository({
  store: { ...store, capabilities: { ...store.capabilities, ...(filePath ? { filePath } : {}) } },
  passphrase,
  runtime,
  settings: { workers: 2 },
});

async function begin(): Promise<Session> {
  const settings = { estate: name, host: 'child', tags: {} };
  try {
    return await repository.startSession({ ...settings, resume: true });
  } catch (error) {
    if (!isCode(error, 'snapshot.nothing-to-resume')) throw error;
    return await repository.startSession({ ...settings, resume: false });
  }
}

try {
  const session = await begin();
  if (!session.finished.has(`local/${name}`)) {
    const resource = await session.resource({ ref: refOf(name), source: name, tags: {} });
    progress = () => resource.progress.entries;
    const files = resource.sink.collection('files');
    const names = readdirSync(folder).sort();
    for (const [i, key] of names.entries()) {
      // A source that takes its time: threads are long at work before it ends.
      if (i % 10 === 0) await systemRuntime.clock.sleep(8);
      if (i === 20) {
        while (progress() < 10) await systemRuntime.clock.sleep(1);
        process.stdout.write('warm\n');
      }
      const path = join(folder, key);
      const { size, mtimeNs, ino } = lstatSync(path, { bigint: true });
      const fingerprint = createHash('sha256').update(`${size}/${mtimeNs}/${ino}`).digest('hex');
      await files.add({ key, kind: 'blob', fingerprint, file: { path: utf8(path), size: Number(size), mtimeNs, ino } });
    }
    const { reused } = await resource.finish();
    process.stdout.write(`reused ${reused}\n`);
  }
  await session.commit([]);
  process.stdout.write('done\n');
} catch (error) {
  process.stdout.write(`${error instanceof HoldfastError ? error.code : String(error)}\n`);
}
await repository.close();
