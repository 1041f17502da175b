import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from './local-estate.ts';
import type { CliResult } from './run-cli.ts';

let estate: LocalEstate;
let repository: string;

beforeAll(async () => {
  // Many packs: more than a check reads ahead of what it has noted.
  estate = await localEstate(64 * 1024);
  await mkdir(join(estate.folder, 'tools', 'many'));
  for (let i = 0; i < 300; i++) await writeFile(join(estate.folder, 'tools', 'many', `file-${i}`), `${i}`);
  await writeFile(join(estate.folder, 'tools', 'big.bin'), randomBytes(2_000_000));
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
  const configuration = await readFile(join(estate.folder, 'vault', 'config', '00000001'), 'utf8');
  repository = (JSON.parse(configuration) as { configuration: { repository: string } }).configuration.repository;
});
afterAll(() => estate.remove());

test('a reader that has seen enough (holdfast ls | head -1) ends the command, which is a success', async () => {
  const closed = { during: (child: { stdout: { destroy(): void } | null }) => child.stdout?.destroy() };
  for (const args of [
    ['ls', 'latest:local/tools/files'],
    ['ls', 'latest', '--json-lines'],
    ['snapshots', '--json'],
  ])
    expect(await estate.run(args, {}, closed)).toMatchObject({ status: 0, stderr: '' });
});

/**
 * A check that stands still in the middle: what it has read is noted in a pipe that is full but for the first line and one
 * pack. `meanwhile` runs when it stands; then the pipe is emptied, and it goes on.
 */
async function checkThatStands(
  name: string,
  meanwhile: (child: { closeOutput(): void }) => Promise<void>,
): Promise<CliResult> {
  const cache = join(estate.folder, name);
  const path = join(cache, `check-${repository}`);
  await mkdir(cache);
  await promisify(execFile)('mkfifo', [path]);
  // Open for both: neither end ever waits for the other.
  const pipe = await open(path, 'r+');
  const pageSize = 4096;
  const lines = `holdfast check 1 ${repository}\n`.length + `data/00/${'0'.repeat(64)}\n`.length;
  await pipe.write(Buffer.alloc(16 * pageSize - lines, '\n'));
  let emptied: Promise<void> | undefined;
  const args = ['check', '--sample', '100%', '--json-lines'];
  try {
    return await estate.run(
      args,
      { HOLDFAST_CACHE_DIR: name },
      {
        during(child) {
          const closeOutput = (): void => {
            child.stdout?.destroy();
            child.stderr?.destroy();
          };
          child.stdout?.on('data', (text: string) => {
            if (text.includes('packs read')) emptied ??= meanwhile({ closeOutput }).then(() => empty(pipe, pageSize));
          });
        },
      },
    );
  } finally {
    await emptied;
    await pipe.close();
  }
}

async function empty(pipe: Awaited<ReturnType<typeof open>>, pageSize: number): Promise<void> {
  for (let page = 0; page < 15; page++) await pipe.read(Buffer.alloc(pageSize), 0, pageSize, null);
}

test('a check whose output nobody reads any more stops, without a word, as after a signal', async () => {
  const { status, stderr } = await checkThatStands('closed', async ({ closeOutput }) => closeOutput());
  expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
});

test('a check whose repository vanishes ends at once, and says so', async () => {
  const vault = join(estate.folder, 'vault');
  const result = await checkThatStands('vanished', () => rename(vault, `${vault}-moved`));
  await rename(`${vault}-moved`, vault);
  expectError(result, 'repository.missing', 2);
  expect(result.stderr).toContain('vanished while it was read');
  expect(result.stdout).not.toContain('"damage"');
});
