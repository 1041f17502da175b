import { documentConnector } from '../documents/index.ts';
import { sns } from './service.ts';

/** SNS topics with their policies, subscriptions and tags. */
export const connector = documentConnector(sns);
