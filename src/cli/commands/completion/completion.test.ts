import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await estate.remove();
});

async function suggested(...words: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await estate.run(['complete', '--', ...words], { HOLDFAST_PASSPHRASE: undefined });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '');
}

test.each(['bash', 'zsh', 'fish'])('a script for %s that calls the command line', async (shell) => {
  const { status, stdout } = await estate.run(['completion', shell]);
  expect(status).toBe(0);
  expect(stdout).toContain('holdfast complete -- ');
});

test('the script for bash is accepted by bash', async () => {
  const { stdout } = await estate.run(['completion', 'bash']);
  expect(execFileSync('bash', ['-n'], { input: stdout, encoding: 'utf8' })).toBe('');
});

test('commands, options and choices', async () => {
  expect(await suggested('snap')).toEqual(['snapshot', 'snapshots']);
  expect(await suggested('snapshot', '--res')).toEqual(['--resume']);
  expect(await suggested('restore', 'latest', '--mode', '')).toEqual(['create-missing', 'revert-changed', 'exact']);
  expect(await suggested('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await suggested('key', 're')).toEqual(['revoke', 'rekey']);
  expect(await suggested('key', 'rekey', '--dr')).toEqual(['--drop']);
});

test('source names, and snapshot ids of a local repository without its passphrase', async () => {
  expect(await suggested('snapshot', 'to')).toEqual(['tools']);
  const ids = await suggested('ls', '');
  expect(ids[0]).toBe('latest');
  expect(ids[1]).toMatch(/^[0-9a-f]{32}$/);
});

test('outside of an estate there are still the types, and no error', async () => {
  const { status, stdout, stderr } = await estate.run(['complete', '--', 'snapshot', 'lam'], {
    HOLDFAST_CONFIG: 'none.yaml',
  });
  expect(stdout).toContain('lambda-functions');
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
