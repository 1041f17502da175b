import { documentConnector } from '../documents/index.ts';
import { ebs } from './service.ts';

/** EBS volumes and snapshots as facts, and the settings of the account. Data comes back from snapshots. */
export const connector = documentConnector(ebs);
