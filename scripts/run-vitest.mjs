// Runs vitest with the arguments given and writes what happened to the file named by HOLDFAST_TEST_SUMMARY.
import { writeFileSync } from 'node:fs';
import { parseCLI, startVitest } from 'vitest/node';

const summaryFile = process.env.HOLDFAST_TEST_SUMMARY;
if (summaryFile === undefined) throw new Error('HOLDFAST_TEST_SUMMARY names no file');

/** Enough of an error to know it by; the whole of it stands where the test failed. */
function firstLines(error) {
  return String(error?.stack ?? error?.message ?? error)
    .split('\n')
    .slice(0, 12)
    .map((line) => line.slice(0, 400));
}

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
        failures: [
          ...inState('failed').map((test) => ({
            name: `${test.module.relativeModuleId} > ${test.fullName}`,
            error: firstLines(test.result().errors?.[0]),
          })),
          ...modules.flatMap((module) =>
            module.errors().map((error) => ({ name: module.relativeModuleId, error: firstLines(error) })),
          ),
          ...unhandledErrors.map((error) => ({ name: 'outside of every test', error: firstLines(error) })),
        ],
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
