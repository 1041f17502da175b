import { documentConnector } from '../documents/index.ts';
import { apiGateway } from './service.ts';

/** REST APIs with what they are made of and served by, usage plans, keys, domains, VPC links and settings. */
export const connector = documentConnector(apiGateway);
