import type { Connector } from '../contract.ts';

/** None of AWS: the server is reached by its own protocol, with the rights of the user in the address. */
export const calls: Connector['calls'] = { capture: [], restore: [] };
