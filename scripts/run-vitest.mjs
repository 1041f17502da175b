// Runs vitest with the arguments given and writes what happened to the file named by HOLDFAST_TEST_SUMMARY.
import { writeFileSync } from 'node:fs';
import { parseCLI, startVitest } from 'vitest/node';

const summaryFile = process.env.HOLDFAST_TEST_SUMMARY;
if (summaryFile === undefined) throw new Error('HOLDFAST_TEST_SUMMARY names no file');

const summary = {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state) => tests.filter((test) => test.result().state === state);
    writeFileSync(
      summaryFile,
      JSON.stringify({
        passed: inState('passed').length,
        // A file that cannot be loaded, and an error outside of every test, are failures too.
        failed:
          inState('failed').length +
          modules.filter((module) => module.errors().length > 0).length +
          unhandledErrors.length,
        skipped: inState('skipped').map((test) => ({ name: test.fullName, reason: test.result().note })),
      }),
    );
  },
};

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const vitest = await startVitest('test', filter, {
  ...options,
  run: true,
  watch: false,
  reporters: ['default', summary],
});
await vitest.close();
