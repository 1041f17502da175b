import { documentConnector } from '../documents/index.ts';
import { ssmParameters } from './service.ts';

/** Parameters of the Systems Manager parameter store; every value is kept like a secret. */
export const connector = documentConnector(ssmParameters);
