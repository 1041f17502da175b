import { documentConnector } from '../documents/index.ts';
import { lightsail } from './service.ts';

/** Lightsail: addresses, firewalls, domains and alarms restore live; what has contents is described, with its snapshots. */
export const connector = documentConnector(lightsail);
