import { createHash } from 'node:crypto';
import { utf8 } from '../../src/kernel/bytes.ts';
import { HoldfastError } from '../../src/kernel/errors.ts';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';

/**
 * A process that uses a directory store until it is killed or done:
 * `put FOLDER` stores objects named by the hash of their content, printing each key once it is stored;
 * `fill FOLDER BYTES [UID]` stores one object of that size, as that user, and prints `ok` or the error's code;
 * `count FOLDER KEY TIMES` increments a counter by ifMatch.
 */
const [, , task = '', folder = '', ...rest] = process.argv;
const store = await openDirectoryStore({ path: folder, runtime: systemRuntime });

if (task === 'put') {
  for (let n = 0; ; n++) {
    const content = Buffer.alloc(200_000 + n * 1000, `${process.pid} ${n} `);
    const hash = createHash('sha256').update(content).digest('hex');
    const key = `${hash.slice(0, 2)}/${hash}`;
    await store.put(key, [content.subarray(0, 70_000), content.subarray(70_000)], { ifAbsent: n % 2 === 0 });
    process.stdout.write(`${key}\n`);
  }
} else if (task === 'fill') {
  const [bytes = '0', user] = rest;
  if (user !== undefined) {
    process.setgid?.(Number(user));
    process.setuid?.(Number(user));
  }
  try {
    await store.put('fill/object', [new Uint8Array(Number(bytes))]);
    process.stdout.write('ok\n');
  } catch (error) {
    process.stdout.write(`${error instanceof HoldfastError ? error.code : String(error)}\n`);
  }
} else if (task === 'count') {
  const [key = '', times = '0'] = rest;
  for (let done = 0; done < Number(times);) {
    const before = await store.stat(key);
    const value = Number(Buffer.from(await store.get(key)).toString());
    try {
      await store.put(key, [utf8(String(value + 1))], { ifMatch: before?.version ?? '' });
      done++;
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'storage.precondition') throw error;
    }
  }
  process.stdout.write('done\n');
}
