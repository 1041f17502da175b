import { documentConnector } from '../documents/index.ts';
import { cloudtrail } from './service.ts';

/** CloudTrail trails and event data stores; never events. */
export const connector = documentConnector(cloudtrail);
