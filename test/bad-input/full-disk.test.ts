import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../cli/local-estate.ts';

const run = promisify(execFile);
let estate: LocalEstate;
const big = randomBytes(4_000_000);
const limit = { largestFile: 1_000_000 };

beforeAll(async () => {
  estate = await localEstate();
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
  await writeFile(join(estate.folder, 'tools', 'big.bin'), big);
});
afterAll(async () => {
  await estate.remove();
});

test('the disk of the repository: the snapshot fails, nothing that was there is lost, and it works once there is space', async () => {
  const before = await estate.vault();
  expectError(await estate.run(['snapshot'], {}, limit), 'storage.full', 1);
  const after = await estate.vault();
  for (const [name, content] of before) expect(after.get(name)).toBe(content);
  expect(await estate.run(['verify', '--read-data'])).toMatchObject({ status: 0 });
  expect((await estate.run(['snapshots'])).stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(await estate.run(['snapshot'])).toMatchObject({ status: 0 });
  expect(await estate.run(['verify', '--read-data'])).toMatchObject({ status: 0 });
});

test('the disk of the target: the restore says so, and the same restore completes once there is space', async () => {
  const out = join(estate.folder, 'out');
  await mkdir(out);
  // A file system of its own where this user may mount one; elsewhere no file may become larger than the limit.
  const isMounted = await mounted(out);
  const args = ['restore', 'latest', '--to', 'out', '--yes'];
  try {
    const failed = await estate.run(args, {}, isMounted ? {} : limit);
    if (isMounted) expectError(failed, 'machine.disk-full', 1);
    else expect(failed.status).toBe(4);
    expect(failed.stdout + failed.stderr).toContain('big.bin');
  } finally {
    if (isMounted) await run('umount', [out]);
  }
  const again = await estate.run([...args, '--mode', 'revert-changed']);
  expect(again).toMatchObject({ status: 0 });
  expect((await readFile(join(out, 'local', 'tools', 'big.bin'))).equals(big)).toBe(true);
});

async function mounted(folder: string): Promise<boolean> {
  return await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
}
