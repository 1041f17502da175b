import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { holdfastIn, localConfiguration, machineLine, row } from './command.ts';
import type { Measurement } from './measure.ts';

/** The bar: a bucket of 200,000 small objects and a directory of 200,000 files, captured and restored in under 400 MiB. */
const limitMiB = 400;
const entries = Number(process.argv[2] ?? 200_000);
/** `directory` or `bucket`: only that half. */
const only = process.argv[3];
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-memory-'));
const results: [string, Measurement][] = [];

function report(name: string, measured: Measurement): void {
  results.push([name, measured]);
  console.log(
    row([name, measured.seconds, measured.cpuSeconds, measured.peakMiB, measured.peakMiB < limitMiB ? 'yes' : 'NO']),
  );
}

async function standIn(): Promise<{ port: string; stop: () => void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'scale/s3-stand-in.js'), String(entries)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((done) => {
    child.stdout.once('data', (data: Buffer) => done(data.toString().trim()));
  });
  return { port, stop: () => child.stdin.end() };
}

try {
  console.log(`${machineLine()}; ${entries} entries each; limit ${limitMiB} MiB\n`);
  console.log('| what | wall s | CPU s | peak MiB | under the limit |\n|---|---|---|---|---|');
  if (only !== 'bucket') measureDirectory();
  if (only !== 'directory') await measureBucket();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function measureDirectory(): void {
  const files = join(folder, 'files');
  mkdirSync(files);
  for (let i = 0; i < entries; i++) writeFileSync(join(files, `file-${i}.txt`), `small file ${i} `.repeat(8));
  const local = holdfastIn(join(folder, 'local'), root, localConfiguration('files', files));
  local.run(['init', '--yes']);
  report('directory: first snapshot', local.run(['snapshot', '--quiet']));
  report('directory: unchanged', local.run(['snapshot', '--quiet']));
  report('directory: restore', local.run(['restore', 'latest', '--to', join(folder, 'out-files'), '--yes', '--quiet']));
}

async function measureBucket(): Promise<void> {
  const { port, stop } = await standIn();
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_REGION: 'us-east-1',
    };
    const configuration =
      'version: 1\nestate: bench\nrepository: ./vault\naws: { accounts: [{ name: main, regions: [us-east-1] }] }\nsources: [s3-buckets]\n';
    const bucket = holdfastIn(join(folder, 'bucket'), root, configuration, env);
    bucket.run(['init', '--yes']);
    report('bucket: first snapshot', bucket.run(['snapshot', '--quiet']));
    report('bucket: unchanged', bucket.run(['snapshot', '--quiet']));
    report(
      'bucket: restore to a directory',
      bucket.run(['restore', 'latest', '--to', join(folder, 'out-bucket'), '--yes', '--quiet']),
    );
  } finally {
    stop();
  }
}

if (results.some(([, { peakMiB }]) => peakMiB >= limitMiB)) process.exitCode = 1;
