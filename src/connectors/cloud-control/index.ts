import { documentConnector } from '../documents/index.ts';
import { cloudControl } from './service.ts';

/** Any resource type that the Cloud Control API knows, as one document of properties each. */
export const connector = documentConnector(cloudControl);
