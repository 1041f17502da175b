import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, cloudFormationClient } from './calls.ts';
import { stackNotes } from './notes.ts';
import { stackSetsKind } from './stack-sets.ts';
import { listStacks, outputs, parameters, policy, resources, stack, tags } from './stacks.ts';
import { processed, template } from './template.ts';

export const cloudformation: DocumentService<CloudFormation, Record<string, never>> = {
  type: 'cloudformation',
  title: 'CloudFormation stacks and stack sets',
  scope: 'regional',
  dependsOn: [],
  calls: { capture: captureCalls, restore: [] },
  options: z.strictObject({}),
  client: cloudFormationClient,
  kinds: [
    {
      kind: 'stacks',
      list: listStacks,
      parts: [stack, parameters, outputs, tags, template, processed, policy, resources],
      directoryOnly:
        'Its resources come back by their own connectors; to create the stack again would make second ones.',
      notes: stackNotes,
    },
    stackSetsKind,
  ],
};
