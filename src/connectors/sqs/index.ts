import { documentConnector } from '../documents/index.ts';
import { sqs } from './service.ts';

/** SQS queues with their policies, dead-letter settings and tags; never their messages. */
export const connector = documentConnector(sqs);
