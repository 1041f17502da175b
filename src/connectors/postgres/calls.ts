/** No calls of AWS. */
export const calls = { capture: [], restore: [] };
