import { documentConnector } from '../documents/index.ts';
import { cloudformation } from './service.ts';

/** Stacks with their templates, parameters, outputs and resources, and stack sets; they return to a directory. */
export const connector = documentConnector(cloudformation);
