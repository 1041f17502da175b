import type { LiveRestore } from '../contract.ts';
import { documentConnector } from '../documents/index.ts';
import { secretsManager } from './service.ts';

const documents = documentConnector(secretsManager);

/** Secrets of Secrets Manager: values by label, policies, rotation, replicas, tags. */
export const connector = {
  ...documents,
  live: {
    ...(documents.live as LiveRestore<Record<string, never>>),
    // Only a service can make such a name: `rds!db-1234`.
    directoryOnly: ({ name }) =>
      name.includes('!') ? 'an AWS service keeps this secret and makes it anew with the resource it is for' : undefined,
  } satisfies LiveRestore<Record<string, never>>,
};
