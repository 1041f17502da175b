import type { S3Control } from '@aws-sdk/client-s3-control';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, homeClient, restoreCalls } from './calls.ts';
import { multiRegionAccessPoints } from './multi-region.ts';
import { publicAccessBlock } from './public-access-block.ts';

export const s3Account: DocumentService<S3Control, Record<string, never>> = {
  type: 's3-account',
  title: 'S3 settings of the account',
  scope: 'global',
  dependsOn: [],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: homeClient,
  kinds: [publicAccessBlock, multiRegionAccessPoints],
};
