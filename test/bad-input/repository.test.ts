import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, passphrase, type LocalEstate } from '../cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
});
afterAll(async () => {
  await estate.remove();
});

test('a wrong passphrase, in every way it can be given: nothing is changed, and it is never shown', async () => {
  const before = await estate.vault();
  await writeFile(join(estate.folder, 'wrong.txt'), 'hunter2hunter2\n');
  const none = { HOLDFAST_PASSPHRASE: undefined };
  for (const [args, env] of [
    [['snapshot'], { HOLDFAST_PASSPHRASE: 'hunter2hunter2' }],
    [['verify', '--passphrase-file', 'wrong.txt'], none],
    [['snapshots', '--passphrase-command', 'cat wrong.txt'], none],
  ] as const) {
    const result = await estate.run([...args, '--verbose'], env);
    expectError(result, 'repository.wrong-passphrase', 2);
    expect(result.stdout + result.stderr).not.toContain('hunter2');
  }
  expect(await estate.vault()).toEqual(before);
});

test('the right passphrase from a file and from a command, with the line end that editors add', async () => {
  await writeFile(join(estate.folder, 'right.txt'), `${passphrase}\r\n`);
  const none = { HOLDFAST_PASSPHRASE: undefined };
  expect((await estate.run(['snapshots', '--passphrase-file', 'right.txt'], none)).status).toBe(0);
  expect((await estate.run(['snapshots', '--passphrase-command', 'cat right.txt'], none)).status).toBe(0);
});

test('no passphrase, an empty one, an unreadable file, a command that fails', async () => {
  const none = { HOLDFAST_PASSPHRASE: '' };
  await writeFile(join(estate.folder, 'empty.txt'), '\n');
  expectError(await estate.run(['snapshots'], none), 'repository.no-passphrase', 2);
  expectError(await estate.run(['snapshots', '--passphrase-file', 'empty.txt'], none), 'repository.no-passphrase', 2);
  expectError(await estate.run(['snapshots', '--passphrase-file', 'gone.txt'], none), 'config.secret-missing', 2);
  const failed = await estate.run(['snapshots', '--passphrase-command', 'echo hunter2; exit 7'], none);
  expectError(failed, 'config.secret-missing', 2);
  expect(failed.stderr).toContain('status 7');
  expect(failed.stderr).not.toContain('hunter2');
});

test('init does not touch a repository that is there, and asks nobody', async () => {
  const before = await estate.vault();
  expectError(await estate.run(['init', '--yes']), 'repository.exists', 2);
  expectError(await estate.run(['init', '--yes'], { HOLDFAST_PASSPHRASE: undefined }), 'repository.no-passphrase', 2);
  expect(await estate.vault()).toEqual(before);
});

test('a cache folder that cannot be one', async () => {
  const result = await estate.run(['snapshots'], { HOLDFAST_CACHE_DIR: 'holdfast.yaml' });
  expectError(result, 'usage.invalid', 2);
  expect(result.stderr).toContain('HOLDFAST_CACHE_DIR');
});

test('a repository that is not there', async () => {
  expectError(await estate.run(['snapshots', '--repository', './gone']), 'repository.missing', 2);
  await mkdir(join(estate.folder, 'empty'));
  expectError(await estate.run(['snapshots', '--repository', './empty']), 'repository.missing', 2);
});

test('a repository of a newer format is refused by every command and left as it is', async () => {
  const other = await localEstate();
  try {
    const file = join(other.folder, 'vault', 'config', '00000001');
    const envelope = JSON.parse(await readFile(file, 'utf8')) as { configuration: Record<string, unknown> };
    Object.assign(envelope.configuration, { format: 9, readers: 9, writers: 9 });
    await writeFile(file, JSON.stringify(envelope));
    const before = await other.vault();
    for (const command of [['snapshot'], ['verify'], ['restore', 'latest', '--to', 'out', '--yes']]) {
      const result = await other.run(command);
      expectError(result, 'repository.newer-format', 2);
      expect(result.stderr).toContain('format 9');
    }
    expect(await other.vault()).toEqual(before);
  } finally {
    await other.remove();
  }
});

test('a configuration of the repository that somebody changed', async () => {
  const other = await localEstate();
  try {
    const file = join(other.folder, 'vault', 'config', '00000001');
    const envelope = JSON.parse(await readFile(file, 'utf8')) as { configuration: Record<string, unknown> };
    Object.assign(envelope.configuration, { longestSession: 1 });
    await writeFile(file, JSON.stringify(envelope));
    expectError(await other.run(['snapshots']), 'repository.corrupt', 3);
    await writeFile(file, 'not json');
    expectError(await other.run(['snapshots']), 'repository.corrupt', 3);
  } finally {
    await other.remove();
  }
});
