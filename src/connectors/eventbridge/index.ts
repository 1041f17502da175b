import { documentConnector } from '../documents/index.ts';
import { eventbridge } from './service.ts';

/** EventBridge buses, rules, archives, connections and API destinations; never archived events. */
export const connector = documentConnector(eventbridge);
