import type { SFN } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents, DocumentService } from '../documents/contract.ts';
import { activitiesKind } from './activities.ts';
import { captureCalls, restoreCalls, statesClient } from './calls.ts';
import { files } from './describe.ts';
import { createMachine, definition, findMachine, listMachines, machine } from './machine.ts';
import { tags } from './tags.ts';
import { versions } from './versions.ts';
import { quotas } from './quotas.ts';

function notes(documents: Documents): readonly LedgerNote[] {
  const { loggingConfiguration } = (documents.get(files.machine) ?? {}) as {
    readonly loggingConfiguration?: { level?: string };
  };
  const logs = loggingConfiguration?.level !== undefined && loggingConfiguration.level !== 'OFF';
  return [
    {
      class: 'lost',
      what: 'executions: those that run, and the history of those that ended',
      why: 'Step Functions has no way to put an execution back where it was.',
      action: 'Make work that was begun safe to start again, and keep what must be known of it in a store.',
    },
    ...(logs
      ? [
          {
            class: 'needs-human' as const,
            what: 'the log group of the state machine',
            why: 'A machine cannot be created while the log group that it writes to is not there, and log groups are not captured.',
            action: 'Create the log group, with its resource policy, before a restore in another place.',
          },
        ]
      : []),
  ];
}

export const stepFunctions: DocumentService<SFN, Record<string, never>> = {
  type: 'step-functions',
  title: 'Step Functions state machines and activities',
  scope: 'regional',
  dependsOn: ['kms', 'iam', 'lambda-functions'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: statesClient,
  kinds: [
    activitiesKind,
    {
      kind: 'state-machines',
      rank: 1,
      list: listMachines,
      parts: [machine, definition, versions, tags],
      live: { find: findMachine, create: createMachine },
      notes,
    },
  ],
  quotas,
};
