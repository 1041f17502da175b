import { documentConnector } from '../documents/index.ts';
import { stepFunctions } from './service.ts';

/** State machines with their versions and aliases, and activities; never executions. */
export const connector = documentConnector(stepFunctions);
