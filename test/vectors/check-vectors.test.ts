import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emulatorEnvironment, projectRoot } from '../emulators/install.ts';

const published = path.join(projectRoot, 'docs', 'vectors.json');
let python = '';
let folder = '';

beforeAll(async () => {
  // The emulators bring the `cryptography` package with them.
  python = path.join(await emulatorEnvironment(), 'bin', 'python');
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-vectors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check(vectors: string): Promise<string> {
  const script = path.join(projectRoot, 'test', 'vectors', 'check_vectors.py');
  const { stdout } = await promisify(execFile)(python, [script, vectors]);
  return stdout.trim().split('\n').at(-1) ?? '';
}

test('an implementation in another language, written from the document, makes the published vectors', async () => {
  expect(await check(published)).toMatch(/^\d+ values, all equal$/);
});

test.each([
  ['packHeader', 'bytes'],
  ['chunkGroup', 'sealed'],
  ['page', 'leaf'],
  ['writer', 'keyring'],
])('it sees one changed digit of %s.%s', async (group, name) => {
  const vectors = JSON.parse(await readFile(published, 'utf8')) as Record<string, Record<string, string>>;
  const value = vectors[group]?.[name] ?? '';
  const other = `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`;
  const changed = path.join(folder, `${group}.json`);
  await writeFile(changed, JSON.stringify({ ...vectors, [group]: { ...vectors[group], [name]: other } }));
  await expect(check(changed)).rejects.toThrow(`${name} differs`);
});
