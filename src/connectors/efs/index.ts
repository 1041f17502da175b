import { documentConnector } from '../documents/index.ts';
import { efs } from './service.ts';

/** EFS file systems, mount targets and access points; never files. */
export const connector = documentConnector(efs);
