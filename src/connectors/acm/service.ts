import type { ACM } from '@aws-sdk/client-acm';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { acmClient, captureCalls, restoreCalls } from './calls.ts';
import { importedNotes, requestedNotes } from './ledger.ts';
import { listCertificates } from './listing.ts';
import { certificate, chain, tags } from './parts.ts';
import { findCertificate, requestCertificate } from './request.ts';
import { quotas } from './quotas.ts';

export const acm: DocumentService<ACM, Record<string, never>> = {
  type: 'acm',
  title: 'ACM certificates',
  scope: 'regional',
  dependsOn: [],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: acmClient,
  kinds: [
    {
      kind: 'requested',
      list: (scene) => listCertificates(scene, (keeper) => keeper === 'aws'),
      parts: [certificate, chain, tags],
      live: { find: findCertificate, create: requestCertificate },
      notes: requestedNotes,
    },
    {
      kind: 'imported',
      list: (scene) => listCertificates(scene, (keeper) => keeper === 'others'),
      parts: [certificate, chain, tags],
      directoryOnly:
        'ACM never gives the private key of a certificate that was imported; import it again from where it is kept',
      notes: importedNotes,
    },
  ],
  quotas,
};
