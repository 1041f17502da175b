import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { listAccelerators } from './accelerators.ts';
import { crossAccountAttachments } from './attachments.ts';
import { byoipRanges } from './byoip.ts';
import { acceleratorClient, captureCalls, restoreCalls } from './calls.ts';
import { customRouting } from './custom-routing.ts';
import { follows } from './identity.ts';
import { accelerator, enabled, flowLogs, listeners } from './parts.ts';
import { createAccelerator, findAccelerator, notes } from './restore.ts';
import { tags } from './tags.ts';

export const globalAccelerator: DocumentService<GlobalAccelerator, Record<string, never>> = {
  type: 'global-accelerator',
  title: 'Global Accelerator',
  scope: 'global',
  // Flow logs go to a bucket. Endpoints are written once all are there, whatever they are.
  dependsOn: ['s3-buckets'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: acceleratorClient,
  kinds: [
    {
      kind: 'accelerators',
      list: listAccelerators,
      parts: [accelerator, flowLogs, listeners, enabled, tags],
      live: { find: findAccelerator, create: createAccelerator, follows },
      notes,
    },
    crossAccountAttachments,
    customRouting,
    byoipRanges,
  ],
};
