import type { LiveRestore } from '../contract.ts';
import { documentConnector } from '../documents/index.ts';
import { isBeingDeleted } from './key-document.ts';
import { kms } from './service.ts';

const documents = documentConnector(kms);

/** Customer-managed KMS keys with policy, rotation, grants and tags, and their aliases; never what is encrypted under them. */
export const connector = {
  ...documents,
  live: {
    ...(documents.live as LiveRestore<Record<string, never>>),
    // Nobody wants back what was about to be deleted, and no restore schedules the deletion of a key.
    async plan(context, captured) {
      if (isBeingDeleted(await captured.json('', 'key.json'))) return [];
      return (await documents.live?.plan(context, captured)) ?? [];
    },
  } satisfies LiveRestore<Record<string, never>>,
};
