import { APIGatewayClient, CreateApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { PutSecretValueCommand, SecretsManagerClient, CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdfast, type CliResult } from '../cli/run-cli.ts';
import {
  functionsOf,
  secretOf,
  secretsOf,
  seedEstate,
  seedServices,
  serviceSources,
  startStandIns,
  type StandIns,
} from './index.ts';
import { environmentsOf } from './sites.ts';
import { buildStage, type Stage } from './quickstart/stage.ts';

/** One for each place where secrets are kept; recognisable wherever it turns up, also in other spellings. */
const planted = {
  secret: 'PLANTED-secret-value-1f8e',
  earlier: 'PLANTED-earlier-value-77aa',
  binary: 'PLANTED-binary-value-c0de',
  secure: 'PLANTED-secure-string-90b1',
  plain: 'PLANTED-plain-parameter-2d3c',
  apiKey: 'PLANTED-api-key-value-5566-4321',
  local: 'PLANTED-local-file-8888',
  passphrase: 'PLANTED-passphrase-0a0b0c',
};

let stage: Stage;
let standIns: StandIns;
const said: string[] = [];

beforeAll(async () => {
  standIns = await startStandIns();
  stage = await buildStage(planted.passphrase, standIns.services);
  await seedEstate(stage.endpoints, 'small');
  await seedServices(stage.endpoints, 'small', standIns);
  const settings = {
    endpoint: stage.endpoints.all,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const secrets = new SecretsManagerClient(settings);
  await secrets.send(new CreateSecretCommand({ Name: 'acme/db', SecretString: planted.earlier }));
  await secrets.send(new PutSecretValueCommand({ SecretId: 'acme/db', SecretString: planted.secret }));
  await secrets.send(new CreateSecretCommand({ Name: 'acme/key', SecretBinary: Buffer.from(planted.binary) }));
  const ssm = new SSMClient(settings);
  await ssm.send(new PutParameterCommand({ Name: '/acme/password', Value: planted.secure, Type: 'SecureString' }));
  await ssm.send(new PutParameterCommand({ Name: '/acme/url', Value: planted.plain, Type: 'String' }));
  await new APIGatewayClient(settings).send(new CreateApiKeyCommand({ name: 'partner', value: planted.apiKey }));
  await mkdir(stage.tools);
  await writeFile(path.join(stage.tools, '.env'), planted.local, { mode: 0o600 });
  const lines = [
    'version: 1',
    'estate: acme',
    'repository: ./vault',
    'aws: { accounts: [{ name: main, regions: [us-east-1] }] }',
    'sources:',
    '  - { type: local, name: tools, path: ./tools }',
    ...['lambda-functions', 'iam', 'dynamodb'].map((type) => `  - ${type}`),
    ...serviceSources(standIns).map((source) => `  - ${source}`),
    '',
  ];
  await writeFile(path.join(stage.folder, 'holdfast.yaml'), lines.join('\n'));
}, 300_000);
afterAll(async () => {
  await stage.stopEmulators();
  await standIns.stop();
  await stage.removeFolder();
});

async function run(...args: readonly string[]): Promise<CliResult> {
  const result = await holdfast(args, { cwd: stage.folder, env: stage.env });
  said.push(`$ ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
  return result;
}

function leaks(text: string): string[] {
  const [site] = environmentsOf('small');
  const seeded = site === undefined ? [] : Object.values(secretsOf(site));
  const secrets = [...Object.values(planted), ...functionsOf('small').map(({ name }) => secretOf(name)), ...seeded];
  const spellings = (secret: string): string[] => [
    secret,
    Buffer.from(secret).toString('base64').slice(0, 20),
    Buffer.from(secret).toString('hex').slice(0, 24),
    encodeURIComponent(secret),
  ];
  return secrets.filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));
}

it('no secret of any service shows in anything that is said or written for people', { timeout: 600_000 }, async () => {
  expect((await run('init', '--yes')).status).toBe(0);
  await run('discover', '--all', '--json');
  expect((await run('snapshot', '--json-lines', '--verbose')).status).toBe(0);
  for (const args of [
    ['snapshots', '--json'],
    ['ls', 'latest', '--json'],
    ['ls', 'latest:secrets-manager'],
    ['find', 'PLANTED*', '--json'],
    ['ledger', 'latest', '--json'],
    ['stats', 'latest', '--json'],
    ['verify', '--read-data', '--json'],
    ['coverage', '--json'],
    ['doctor', '--json'],
    ['audit', '--json'],
  ])
    await run(...args);
  const settings = { endpoint: stage.endpoints.all, region: 'us-east-1' };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const ssm = new SSMClient({ ...settings, credentials });
  const changed = {
    Name: '/acme/password',
    Value: `${planted.secure}-changed`,
    Type: 'SecureString',
    Overwrite: true,
  } as const;
  await ssm.send(new PutParameterCommand(changed));
  const secrets = new SecretsManagerClient({ ...settings, credentials });
  await secrets.send(new PutSecretValueCommand({ SecretId: 'acme/db', SecretString: `${planted.secret}-changed` }));
  expect((await run('drift', '--json', '--verbose')).status).toBe(1);
  await run('drift');
  expect((await run('snapshot', '--quiet')).status).toBe(0);
  await run('diff', 'latest~1', 'latest', '--json');
  const back = ['restore', 'latest~1', '--to', 'live', '--mode', 'revert-changed'];
  await run(...back, '--dry-run', '--json', '--verbose');
  await run(...back, '--plan-out', 'plan.json');
  expect((await run(...back, '--yes', '--json', '--verbose')).status).toBe(0);
  const folder = path.join(stage.folder, 'out');
  expect((await run('restore', 'latest', '--to', folder, '--yes', '--json-lines')).status).toBe(0);
  for (const name of ['MANIFEST.md', 'MANIFEST.json']) said.push(await readFile(path.join(folder, name), 'utf8'));
  said.push(await readFile(path.join(stage.folder, 'plan.json'), 'utf8'));
  // Errors, with causes: what is asked for does not exist, or is no command at all.
  await run('show', 'latest:ssm-parameters/acme/password', '--verbose');
  await run('restore', 'latest:secrets-manager/none', '--to', 'live', '--verbose');
  expect(said.length).toBeGreaterThan(20);
  for (const text of said)
    expect({ command: text.slice(0, 80), leaks: leaks(text) }).toEqual({ command: text.slice(0, 80), leaks: [] });

  // In the restored folder they are, each in a file for its owner alone.
  const found = new Set<string>();
  // Code is code, whatever people write into it: nobody says it, and its file is like any other.
  const inCode = environmentsOf('small').map((site) => secretsOf(site).script);
  for (const name of await readdir(folder, { recursive: true })) {
    const file = path.join(folder, name);
    const { mode, isFile } = await stat(file).then((stats) => ({ mode: stats.mode, isFile: stats.isFile() }));
    if (!isFile) continue;
    const inside = leaks(await readFile(file, 'utf8'));
    for (const secret of inside) found.add(secret);
    if (inside.some((secret) => !inCode.includes(secret)))
      expect({ name, mode: mode & 0o077 }).toEqual({ name, mode: 0 });
  }
  for (const { transferCode, ...kept } of environmentsOf('small').slice(0, 1).map(secretsOf)) {
    const { secret, parameter, apiKey, identityProvider, registrant, contact, container, script } = kept;
    const some = [secret, parameter, apiKey, identityProvider, registrant, contact, container, script];
    expect([...found]).toEqual(expect.arrayContaining(some));
    // Nobody asked for what takes a domain away.
    expect(found).not.toContain(transferCode);
  }
  expect([...found]).toEqual(expect.arrayContaining([planted.secret, planted.secure, planted.apiKey, planted.local]));

  // In the repository nothing can be recognised at all.
  for (const entry of await readdir(path.join(stage.folder, 'vault'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) expect(leaks(await readFile(path.join(entry.parentPath, entry.name), 'latin1'))).toEqual([]);
});
