import { documentConnector } from '../documents/index.ts';
import { ses } from './service.ts';

/** SES: identities, configuration sets, templates, contact lists, account settings and receipt rules. */
export const connector = documentConnector(ses);
