import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { awsEstate, type AwsEstate } from '../../../../test/cli/aws-estate.ts';
import { bareEnvironment, holdfast, workFolder } from '../../../../test/cli/run-cli.ts';
import { regionOfProfile } from './region.ts';
import { generatePassphrase } from './write.ts';

let estate: AwsEstate;
let folder: Awaited<ReturnType<typeof workFolder>>;

beforeAll(async () => {
  estate = await awsEstate({ 'shop-uploads-prod': ['a'], 'shop-uploads-staging': ['b'], 'shop-logs-prod': [] });
});
afterAll(async () => {
  await estate.stop();
});
beforeEach(async () => {
  folder = await workFolder();
});
afterEach(async () => {
  await folder.remove();
});

test('finds the estate, writes a configuration that works, creates the repository, asks nothing', async () => {
  const at = { cwd: folder.path };
  const { status, stderr } = await estate.run(['init', '--yes', '--estate', 'acme', '--region', 'us-east-1'], {}, at);
  expect(stderr).toMatch(/3 S3 buckets/);
  expect(status).toBe(0);
  const yaml = await readFile(join(folder.path, 'holdfast.yaml'), 'utf8');
  expect(yaml).toContain('estate: acme');
  expect(yaml).toContain('# S3 buckets: 3 found');
  expect(yaml).not.toContain('correct horse');
  expect(JSON.parse(await readFile(join(folder.path, 'holdfast.schema.json'), 'utf8'))).toHaveProperty('$schema');
  expect((await estate.run(['snapshot', 's3-buckets', '--quiet'], {}, at)).status).toBe(0);
});

test('beside a configuration it keeps it, byte for byte, and creates its repository', async () => {
  const at = { cwd: folder.path };
  const args = ['init', '--yes', '--region', 'us-east-1'];
  await estate.run([...args, '--dry-run'], {}, at);
  expect(await readdir(folder.path)).toEqual([]);
  await estate.run(args, {}, at);
  const before = await readFile(join(folder.path, 'holdfast.yaml'), 'utf8');
  const again = await estate.run(['init', '--yes', '--repository', './second', '--json'], {}, at);
  expect(again.status).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ schema: 1, kept: true, repository: { formatVersion: 1 } });
  expect(await readFile(join(folder.path, 'holdfast.yaml'), 'utf8')).toBe(before);
});

test('without a passphrase nothing is written', async () => {
  const { status, stderr } = await estate.run(
    ['init', '--yes'],
    { HOLDFAST_PASSPHRASE: undefined },
    { cwd: folder.path },
  );
  expect(stderr).toContain('error[repository.no-passphrase]');
  expect(status).toBe(2);
  expect(await readdir(folder.path)).toEqual([]);
});

test('--generate-passphrase writes one nobody else can read, never prints it, and never replaces a file', async () => {
  await mkdir(join(folder.path, 'tools'));
  const at = { cwd: folder.path, env: bareEnvironment(folder.path) };
  const args = ['init', '--yes', '--local', 'tools', '--generate-passphrase', 'key.txt'];
  const made = await holdfast(args, at);
  expect(made.status).toBe(0);
  const key = join(folder.path, 'key.txt');
  const passphrase = (await readFile(key, 'utf8')).trim();
  expect(passphrase).toMatch(/^([a-z2-7]{4}-){7}[a-z2-7]{4}$/);
  expect(made.stdout + made.stderr).not.toContain(passphrase);
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  expect((await holdfast(['snapshot', '--quiet', '--passphrase-file', 'key.txt'], at)).status).toBe(0);
  const again = await holdfast([...args, '--repository', './other'], at);
  expect(again.stderr).toContain('already there');
  expect(again.status).toBe(2);
  expect((await readFile(key, 'utf8')).trim()).toBe(passphrase);
});

test('without AWS credentials local folders are protected, and the rest is told', async () => {
  await mkdir(join(folder.path, 'tools'));
  const at = { cwd: folder.path, env: { HOLDFAST_PASSPHRASE: 'pw' } };
  const { status, stderr } = await holdfast(['init', '--yes', '--local', './tools'], at);
  expect(stderr).toContain('No AWS credentials were found: only the local folders are protected.');
  expect(status).toBe(0);
  expect((await holdfast(['snapshot', '--quiet'], at)).status).toBe(0);
});

test('generated passphrases use all of the randomness', () => {
  const seen = new Set(
    Array.from({ length: 20 }, (_, i) => generatePassphrase({ bytes: (n) => new Uint8Array(n).fill(i) })),
  );
  expect(seen.size).toBe(20);
  expect(generatePassphrase({ bytes: (n) => new Uint8Array(n).fill(255) })).toBe(
    '7777-7777-7777-7777-7777-7777-7777-7777',
  );
});

test('the region of a profile', () => {
  const text =
    '[default]\nregion = eu-west-1\n[profile shop]\noutput=json\nregion=us-west-2\n[sso-session x]\nregion = us-east-2\n';
  expect(regionOfProfile(text, 'default')).toBe('eu-west-1');
  expect(regionOfProfile(text, 'shop')).toBe('us-west-2');
  expect(regionOfProfile(text, 'other')).toBeUndefined();
  expect(regionOfProfile('', 'default')).toBeUndefined();
});
