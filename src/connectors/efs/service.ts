import type { EFS } from '@aws-sdk/client-efs';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { accessPoints } from './access-points.ts';
import { captureCalls, efsClient, restoreCalls } from './calls.ts';
import { fileSystems } from './file-systems.ts';

export const efs: DocumentService<EFS, Record<string, never>> = {
  type: 'efs',
  title: 'EFS file systems',
  scope: 'regional',
  dependsOn: ['kms', 'iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: efsClient,
  kinds: [fileSystems, accessPoints],
  quotas: {
    service: 'elasticfilesystem',
    rows: [{ kind: 'file-systems', code: 'L-848C634D', what: 'EFS file systems', named: /file systems/i }],
  },
};
