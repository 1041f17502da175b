import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
});
afterAll(async () => {
  await estate.remove();
});

async function written(name: string, text: string): Promise<string> {
  await writeFile(join(estate.folder, name), text);
  return name;
}

test('a configuration that is not there', async () => {
  const result = await estate.run(['discover', '--config', 'nowhere.yaml']);
  expectError(result, 'config.unreadable', 2);
  expect(result.stderr).toContain('nowhere.yaml');
});

test('a configuration that is a folder', async () => {
  await mkdir(join(estate.folder, 'folder.yaml'));
  expectError(await estate.run(['discover', '--config', 'folder.yaml']), 'config.unreadable', 2);
});

test('a configuration that is no YAML', async () => {
  const file = await written('broken.yaml', 'version: 1\nestate: [acme\nrepository: ./vault\n');
  const result = await estate.run(['discover', '--config', file]);
  expectError(result, 'config.invalid', 2);
  expect(result.stderr).toMatch(/broken\.yaml:\d+:\d+/);
});

test('all mistakes at once, each with its place and the word that was meant', async () => {
  const file = await written(
    'wrong.yaml',
    [
      'version: 1',
      'estate: acme',
      'repositry: ./vault',
      'sources:',
      '  - { type: s3-bucket }',
      '  - { type: local, name: x }',
      '',
    ].join('\n'),
  );
  const before = await estate.vault();
  const result = await estate.run(['snapshot', '--config', file]);
  expectError(result, 'config.invalid', 2);
  expect(result.stderr).toMatch(/wrong\.yaml:3:1 .*did you mean repository\?/);
  expect(result.stderr).toMatch(/wrong\.yaml:5:\d+ .*did you mean s3-buckets\?/);
  expect(result.stderr).toMatch(/wrong\.yaml:6:\d+ /);
  expect(await estate.vault()).toEqual(before);
});

test('a variable that is not set is named, and its value would never be shown', async () => {
  const text = ['version: 1', 'estate: acme', 'repository: "${VAULT}"', 'sources: []', ''].join('\n');
  const file = await written('secret.yaml', text);
  const result = await estate.run(['snapshots', '--config', file]);
  expectError(result, 'config.secret-missing', 2);
  expect(result.stderr).toContain('VAULT');
});

test('a repository address that can be none', async () => {
  const result = await estate.run(['snapshots', '--repository', 'ftp://example.com/vault']);
  expectError(result, 'config.invalid', 2);
});
