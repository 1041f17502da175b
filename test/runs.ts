/** How often a property is tried: `fast` as a rule, `long` when HOLDFAST_LONG is 1. */
export function runs(fast: number, long: number): number {
  return process.env['HOLDFAST_LONG'] === '1' ? long : fast;
}
