import { defineConfig } from 'vitest/config';

/** `npm run test:long`: files named `*.long.test.ts`, which together take minutes (CONTRIBUTING.md). `all`: both. */
const suite = process.env['HOLDFAST_SUITE'];
const long = ['{src,test}/**/*.long.test.ts'];

export default defineConfig({
  test: {
    include: suite === 'long' ? long : ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: suite === undefined ? long : [],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Files of one worker share its modules: loading them anew for each file took a sixth of the time.
    isolate: false,
    // More than cores: many tests wait for an emulator or for Route 53's pace.
    maxWorkers: 3,
    // `npm run test:denied`, `npm run docs:connectors`: also what takes each connector minutes.
    provide: { denied: process.env['HOLDFAST_DENIED'] !== undefined },
  },
});
