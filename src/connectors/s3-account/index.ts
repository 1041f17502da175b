import { documentConnector } from '../documents/index.ts';
import { s3Account } from './service.ts';

/** What S3 has once per account: the block of public access, and multi-region access points. */
export const connector = documentConnector(s3Account);
