import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';

/** The same puts by the AWS SDK alone, for comparison: `sdk-client.js ENDPOINT SECONDS`. */
const [endpoint = '', seconds = '5'] = process.argv.slice(2);
const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
const Body = randomBytes(4096);
let requests = 0;

async function run(ms: number): Promise<void> {
  const until = performance.now() + ms;
  async function lane(): Promise<void> {
    while (performance.now() < until) {
      await client.send(new PutObjectCommand({ Bucket: 'bench', Key: `data/${requests++}`, Body }));
    }
  }
  await Promise.all(Array.from({ length: 64 }, lane));
}

await run(1000);
requests = 0;
const before = process.cpuUsage();
await run(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${JSON.stringify({ requests, seconds: Number(seconds), cpuMicros: user + system })}\n`);
