import { documentConnector } from '../documents/index.ts';
import { globalAccelerator } from './service.ts';

/** Global Accelerator: accelerators with listeners and endpoint groups, and attachments that share endpoints. */
export const connector = documentConnector(globalAccelerator);
