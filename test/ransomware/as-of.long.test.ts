import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passphrase } from '../cli/local-estate.ts';
import { holdfast, workFolder, type CliResult } from '../cli/run-cli.ts';
import { startMoto, type Emulator } from '../emulators/index.ts';

let moto: Emulator;
let client: S3Client;
let folder: Awaited<ReturnType<typeof workFolder>>;

const files: Readonly<Record<string, Buffer>> = {
  'a.txt': Buffer.from('alpha\n'),
  'deep/b.bin': Buffer.alloc(400_000, 'pattern'),
  'deep/c.txt': Buffer.from('x'.repeat(1000)),
};

beforeAll(async () => {
  [moto, folder] = await Promise.all([startMoto(), workFolder()]);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: 'vault' }));
  await client.send(
    new PutBucketVersioningCommand({ Bucket: 'vault', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await mkdir(join(folder.path, 'tools', 'deep'), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, 'tools', name), content);
  const lines = ['version: 1', 'estate: acme', `repository: s3+${moto.endpoint}/vault/p`, 'sources:'];
  lines.push('  - { type: local, name: tools, path: ./tools }', '');
  await writeFile(join(folder.path, 'holdfast.yaml'), lines.join('\n'));
});
afterAll(async () => {
  client.destroy();
  await Promise.all([moto.stop(), folder.remove()]);
});

function run(...args: string[]): Promise<CliResult> {
  const env = { HOLDFAST_PASSPHRASE: passphrase, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  return holdfast(args, { cwd: folder.path, env });
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'vault' }));
  return Contents.map(({ Key = '' }) => Key);
}

/** Overwrites the snapshots, the index and a pack, then deletes everything else. */
async function attack(): Promise<void> {
  for (const Key of await keys()) {
    if (!/\/(snapshots|index|meta)\//.test(Key)) continue;
    await client.send(new PutObjectCommand({ Bucket: 'vault', Key, Body: 'Pay one million.' }));
  }
  const others = (await keys()).filter((key) => !key.includes('/snapshots/'));
  await client.send(new DeleteObjectsCommand({ Bucket: 'vault', Delete: { Objects: others.map((Key) => ({ Key })) } }));
}

test('after everything was deleted or overwritten, one option brings all of it back', async () => {
  expect(await run('init', '--yes')).toMatchObject({ status: 0 });
  expect(await run('snapshot')).toMatchObject({ status: 0 });
  // Versions have whole seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const before = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await attack();

  const now = await run('snapshots');
  expect(now.status).toBe(2);
  expect(now.stderr).toContain('repository.missing');

  const listed = JSON.parse((await run('snapshots', '--as-of', before, '--json')).stdout) as { snapshots: unknown[] };
  expect(listed.snapshots).toHaveLength(1);
  expect((await run('ls', 'latest:local/tools/files', '--as-of', before)).stdout).toContain('a.txt');

  const restored = await run('restore', 'latest', '--to', 'out', '--yes', '--as-of', before);
  expect(restored.status).toBe(0);
  expect(restored.stderr).toContain('this restore is not in the audit log');
  for (const [name, content] of Object.entries(files))
    expect((await readFile(join(folder.path, 'out', 'local', 'tools', name))).equals(content)).toBe(true);
  // The past is looked at, not written to.
  expect(await keys()).toHaveLength(1);
}, 120_000);
