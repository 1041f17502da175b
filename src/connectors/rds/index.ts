import { documentConnector } from '../documents/index.ts';
import { rds } from './service.ts';

/** Configuration of RDS and Aurora. Data comes back from snapshots that the provider keeps. */
export const connector = documentConnector(rds);
