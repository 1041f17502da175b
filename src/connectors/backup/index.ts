import { documentConnector } from '../documents/index.ts';
import { backup } from './service.ts';

/** AWS Backup: vaults, plans, what they select, and settings; recovery points stay in AWS Backup. */
export const connector = documentConnector(backup);
