import { documentConnector } from '../documents/index.ts';
import { s3AccessPoints } from './service.ts';

/** S3 access points: names of their own by which a bucket is used, each with a policy. */
export const connector = documentConnector(s3AccessPoints);
