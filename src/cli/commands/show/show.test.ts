import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;
const content = randomBytes(3_000_001);

beforeAll(async () => {
  estate = await localEstate();
  await writeFile(join(estate.folder, 'tools', 'big.bin'), content);
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await estate.remove();
});

test('--json holds the bytes in base64, whatever the pieces they come in', async () => {
  const { status, stdout } = await estate.run(['show', '--json', 'latest:local/tools/files/big.bin']);
  expect(status).toBe(0);
  const document = JSON.parse(stdout) as { content: string; entry: { size: number } };
  expect(document.entry.size).toBe(content.length);
  expect(Buffer.from(document.content, 'base64').equals(content)).toBe(true);
});

test('text comes out byte for byte, without anything added', async () => {
  const { stdout, stderr } = await estate.run(['show', 'latest:local/tools/files/a.txt']);
  expect(stdout).toBe('alpha\n');
  expect(stderr).toBe('');
});

test('a disk that is full behind stdout is told, not swallowed', async () => {
  const { status, stderr } = await estate.run(
    ['show', 'latest:local/tools/files/big.bin'],
    {},
    { stdoutFile: '/dev/full' },
  );
  expect(stderr).toContain('error[machine.disk-full]');
  expect(status).toBe(1);
});

test('a reader that goes away is no error', async () => {
  const { status, stderr } = await estate.run(
    ['show', 'latest:local/tools/files/big.bin'],
    {},
    {
      during: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('no entry was named', async () => {
  const { status, stderr } = await estate.run(['show', 'latest']);
  expect(stderr).toContain('error[usage.invalid]');
  expect(status).toBe(2);
});
