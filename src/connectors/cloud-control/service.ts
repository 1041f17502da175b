import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, clients, restoreCalls, type Clients } from './calls.ts';
import { options, type Options } from './options.ts';
import { resources } from './resources.ts';

export const cloudControl: DocumentService<Clients, Options> = {
  type: 'cloud-control',
  title: 'Cloud Control API',
  scope: 'regional',
  // Nothing says what a type needs: those that most things need come first.
  dependsOn: ['kms', 'iam', 's3-buckets', 'sns', 'sqs', 'dynamodb', 'lambda-functions'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options,
  client: clients,
  kinds: [resources],
};
