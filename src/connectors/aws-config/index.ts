import { documentConnector } from '../documents/index.ts';
import { awsConfig } from './service.ts';

/** AWS Config: recorder, delivery channel, rules, aggregators, retention; never what it recorded. */
export const connector = documentConnector(awsConfig);
