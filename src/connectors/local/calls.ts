import type { Connector } from '../contract.ts';

/** None: files are read and written through the system's own calls, with the permissions of the user who runs Holdfast. */
export const calls: Connector['calls'] = { capture: [], restore: [] };
