import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endpointVariables, startFaultProxy, startMoto, type FaultProxy } from '../emulators/index.ts';
import { passphrase } from './local-estate.ts';
import { quickRepository } from './quick-repository.ts';
import { holdfast, workFolder, type CliResult, type CliSettings } from './run-cli.ts';

/** An account with a few buckets behind a proxy of faults, and a folder with its holdfast.yaml and repository. */
export interface AwsEstate {
  readonly folder: string;
  readonly proxy: FaultProxy;
  /** The emulator itself, without the proxy. */
  readonly endpoint: string;
  run(
    args: readonly string[],
    env?: Readonly<Record<string, string | undefined>>,
    more?: Partial<Omit<CliSettings, 'env'>>,
  ): Promise<CliResult>;
  putObject(bucket: string, key: string, content: string | Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

export const configuration = [
  'version: 1',
  'estate: acme',
  'repository: ./vault',
  'aws: { accounts: [{ name: main, regions: [us-east-1] }] }',
  'sources:',
  '  - s3-buckets',
  '',
].join('\n');

export async function awsEstate(buckets: Readonly<Record<string, readonly string[]>>): Promise<AwsEstate> {
  const [folder, moto] = await Promise.all([workFolder(), startMoto()]);
  const proxy = await startFaultProxy(moto.endpoint);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const estate: AwsEstate = {
    folder: folder.path,
    proxy,
    endpoint: moto.endpoint,
    run: (args, env = {}, more = {}) =>
      holdfast(args, {
        cwd: folder.path,
        env: { ...endpointVariables({ all: proxy.endpoint }), HOLDFAST_PASSPHRASE: passphrase, ...env },
        ...more,
      }),
    async putObject(Bucket, Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    async stop() {
      s3.destroy();
      await Promise.all([proxy.stop(), moto.stop(), folder.remove()]);
    },
  };
  for (const [bucket, keys] of Object.entries(buckets)) {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const key of keys) await estate.putObject(bucket, key, `content of ${key}`);
  }
  await writeFile(join(folder.path, 'holdfast.yaml'), configuration);
  await quickRepository(folder.path, passphrase);
  return estate;
}
