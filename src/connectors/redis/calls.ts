import type { Connector } from '../contract.ts';

/** None of AWS: the server is asked itself, as the user of the source's url. */
export const calls: Connector['calls'] = { capture: [], restore: [] };
