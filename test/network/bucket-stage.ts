import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startMoto, useEndpoints } from '../emulators/index.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** An emulator with the bucket `vault`, and a proxy in front of it that breaks connections. */
export interface BucketStage {
  /** Of the emulator, around the proxy. */
  readonly endpoint: string;
  readonly proxy: TcpProxy;
  stop(): Promise<void>;
}

export async function startBucketStage(): Promise<BucketStage> {
  const moto = await startMoto();
  const proxy = await startTcpProxy(moto.endpoint);
  const restore = useEndpoints({ all: moto.endpoint });
  const client = new S3Client({ region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'vault' }));
  client.destroy();
  return {
    endpoint: moto.endpoint,
    proxy,
    async stop() {
      restore();
      await proxy.stop();
      await moto.stop();
    },
  };
}
