// `npm run test:fuzz -- SECONDS`: fuzzes every parser of the format, each for its share of the processor time, with other
// numbers each time. Whatever gives a kind of answer that was not known goes into test/fuzz/corpus, to be committed.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './prepare.mjs';

const seconds = Number(process.argv[2] ?? 60);
if (!(seconds > 0)) {
  console.error('usage: npm run test:fuzz -- SECONDS');
  process.exit(2);
}
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const seed = String(Math.floor(Math.random() * 0x100000000));
console.log(`seed ${seed}`);
spawn(process.execPath, [vitest, 'run', 'test/fuzz', '--disableConsoleIntercept'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, HOLDFAST_FUZZ_SECONDS: String(seconds), HOLDFAST_FUZZ_SEED: seed },
}).once('close', (status) => process.exit(status ?? 1));
