/** Set by the scripts of the long suites (CONTRIBUTING.md). */
export const isLong = process.env['HOLDFAST_LONG'] === '1';

/**
 * How often a property is tried: `fast` as a rule, `long` when HOLDFAST_LONG is 1, which takes a good half hour:
 * `HOLDFAST_LONG=1 npx vitest run src/repository --testTimeout 1800000`, and with HOLDFAST_SUITE=long `test/crash test/corruption`.
 */
export function runs(fast: number, long: number): number {
  return isLong ? long : fast;
}
