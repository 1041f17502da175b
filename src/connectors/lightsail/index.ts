import type { Connector } from '../contract.ts';
import { documentConnector } from '../documents/index.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { lightsail } from './service.ts';

const base = documentConnector(lightsail);
/** Said once, when they are made: no restore compares them, and drift does. */
const once: ReadonlySet<string> = new Set(['instance.json', 'disk.json']);

/** Lightsail: addresses, firewalls, domains and alarms restore live, instances and disks out of recovery points; the rest is described. */
export const connector: Connector<OptionsWithPoints> = {
  ...base,
  comparable: (where, value) => (once.has(where.key) ? value : (base.comparable?.(where, value) ?? value)),
};
