import type { S3Control } from '@aws-sdk/client-s3-control';
import { z } from 'zod';
import { s3ControlClient } from '../aws/s3-control.ts';
import type { DocumentService } from '../documents/contract.ts';
import { createAccessPoint, findAccessPoint, listAccessPoints, notes } from './access-points.ts';
import { captureCalls, restoreCalls } from './calls.ts';
import { accessPoint, policy, tags } from './parts.ts';

export const s3AccessPoints: DocumentService<S3Control, Record<string, never>> = {
  type: 's3-access-points',
  title: 'S3 access points',
  scope: 'regional',
  dependsOn: ['iam', 's3-buckets'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: s3ControlClient,
  kinds: [
    {
      kind: '',
      list: listAccessPoints,
      parts: [accessPoint, policy, tags],
      live: { find: findAccessPoint, create: createAccessPoint },
      notes,
    },
  ],
};
