import { documentConnector } from '../documents/index.ts';
import { scheduler } from './service.ts';

/** Groups and schedules of EventBridge Scheduler. */
export const connector = documentConnector(scheduler);
