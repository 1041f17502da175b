import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { endpointVariables, startMoto, type Emulator } from '../emulators/index.ts';
import { expectError, localEstate, type LocalEstate } from './local-estate.ts';

/** A local folder whose contents lie in GLACIER of a bucket; everything else stays warm. */
let estate: LocalEstate;
let moto: Emulator;
let env: Record<string, string>;

beforeAll(async () => {
  [estate, moto] = await Promise.all([localEstate(), startMoto()]);
  env = { ...endpointVariables({ all: moto.endpoint }), AWS_REGION: 'us-east-1' };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await s3.send(new CreateBucketCommand({ Bucket: 'vault' }));
  s3.destroy();
  const file = join(estate.folder, 'holdfast.yaml');
  const repository = 'repository: { address: s3://vault, storage-class: { data: GLACIER } }';
  await writeFile(file, (await readFile(file, 'utf8')).replace('repository: ./vault', repository));
  await transition({ progression: 'immediate' });
  expect(await estate.run(['init', '--yes'], env)).toMatchObject({ status: 0 });
  expect(await estate.run(['snapshot', '--quiet'], env)).toMatchObject({ status: 0 });
});
beforeEach(() => rm(join(estate.folder, 'out'), { recursive: true, force: true }));
afterAll(async () => {
  await Promise.all([estate.remove(), moto.stop()]);
});

/** How moto restores: at once, or a state further whenever it was asked so many times. It keeps no hours. */
async function transition(how: object): Promise<void> {
  await fetch(`${moto.endpoint}/moto-api/state-manager/set-transition`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model_name: 's3::keyrestore', transition: how }),
  });
}

test('verifying the structure needs no thaw; the plan says what it takes and costs, and thaws nothing', async () => {
  expect(await estate.run(['verify'], env)).toMatchObject({ status: 0 });
  const asked = ['restore', 'latest', '--to', 'out', '--dry-run'];
  const { status, stdout } = await estate.run(asked, env);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Archived: 1 pack \(.*\) frozen, none thawing, none thawed\.$/m);
  expect(stdout).toMatch(/^ {2}--thaw-tier bulk +up to 12 hours +about \$0\.00$/m);
  expect(stdout).toContain('Prices of us-east-1');
  const { thaw } = JSON.parse((await estate.run([...asked, '--json', '--thaw-days', '3'], env)).stdout) as {
    thaw: unknown;
  };
  expect(thaw).toMatchObject({ frozen: { packs: 1 }, days: 3, offers: [{ tier: 'bulk', hours: 12 }, {}, {}] });
});

test('--yes does not stand for the price, and a tier that is none is refused', async () => {
  const refused = await estate.run(['restore', 'latest', '--to', 'out', '--yes'], env);
  expectError(refused, 'storage.frozen', 1);
  expect(refused.stderr).toMatch(/^hint: Add --thaw-tier bulk\|standard\|expedited/m);
  expect((await estate.run(['restore', 'latest', '--to', 'out', '--thaw-tier', 'fast'], env)).status).toBe(2);
  expect((await estate.run(['restore', 'latest', '--to', 'out', '--thaw-days', '0'], env)).status).toBe(2);
});

test('an interrupted wait is taken up by the same command, which restores everything', async () => {
  // The commands before asked for the object more often than that, so that it is on its way at once, and stays so for a while.
  await transition({ progression: 'manual', times: 5 });
  const command = ['restore', 'latest', '--to', 'out', '--yes', '--thaw-tier', 'bulk'];
  const stopped = await estate.run(command, env, {
    during: (child) => {
      child.stderr?.on('data', (text: string) => {
        if (text.includes('Waiting for the archive')) setTimeout(() => child.kill('SIGINT'), 300);
      });
    },
  });
  expect(stopped.stderr).toContain('error[run.interrupted]');
  expect(stopped.status).toBe(130);
  const thawing = await estate.run(['restore', 'latest', '--to', 'out', '--dry-run'], env);
  expect(thawing.stdout).toContain('none frozen, 1 pack');
  await transition({ progression: 'immediate' });
  // What is on its way needs no tier, and no second request.
  expect(await estate.run(command.slice(0, 5), env)).toMatchObject({ status: 0 });
  for (const name of ['a.txt', 'deep/b.bin'])
    expect(await readFile(join(estate.folder, 'out', 'local', 'tools', name))).toEqual(
      await readFile(join(estate.folder, 'tools', name)),
    );
});
