import { documentConnector } from '../documents/index.ts';
import { acm } from './service.ts';

/** ACM certificates: what was requested is requested again, what was imported is kept for people. */
export const connector = documentConnector(acm);
