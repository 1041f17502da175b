// `npm test`: sets up what is missing, builds, runs every test (or those the arguments select), and counts.
// The last line is `N passed, N failed`; the exit status says the same.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from './bundle.mjs';
import { ensureEmulators } from './emulators.mjs';
import { installDependencies, requireNode, root } from './prepare.mjs';

async function main(args) {
  requireNode();
  await installDependencies();
  await Promise.all([bundle(), ensureEmulators()]);
  return await runTests(args);
}

async function runTests(args) {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-tests-'));
  const summaryFile = path.join(folder, 'summary.json');
  try {
    const child = spawn(process.execPath, [path.join(root, 'scripts', 'run-vitest.mjs'), ...args], {
      cwd: root,
      stdio: 'inherit',
      // The SDK's notice about the age of Node would stand above every test file.
      env: {
        ...process.env,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        HOLDFAST_TEST_SUMMARY: summaryFile,
      },
    });
    // A terminal sends Ctrl-C to both: this process waits for the other to tidy up.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    const status = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal));
    });
    const { passed, failed, skipped, failures } = JSON.parse(await readFile(summaryFile, 'utf8'));
    for (const { name, reason } of skipped)
      console.log(`skipped: ${name}${reason === undefined ? '' : ` (${reason})`}`);
    if (skipped.length > 0) console.log(`${skipped.length} skipped`);
    for (const { name, error } of failures)
      console.log(`failed: ${name}\n${error.map((line) => `  ${line}`).join('\n')}`);
    // vitest can fail without a failed test: no test found, a threshold missed.
    return { passed, failed: failed === 0 && status !== 0 ? 1 : failed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

let counts = { passed: 0, failed: 1 };
try {
  counts = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
