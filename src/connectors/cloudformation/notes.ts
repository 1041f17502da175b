import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import { files } from './stacks.ts';

/** What AWS answers for a value that it keeps to itself. */
const masked = '****';

export function stackNotes(documents: Documents): readonly LedgerNote[] {
  const parameters = (documents.get(files.parameters) ?? []) as {
    readonly ParameterKey?: string;
    readonly ParameterValue?: string;
  }[];
  const hidden = parameters
    .filter(({ ParameterValue }) => ParameterValue === masked)
    .map(({ ParameterKey }) => ParameterKey);
  return [
    {
      class: 'needs-human',
      what: 'the stack, which returns to a directory only',
      why: 'Its resources come back by their own connectors; to create the stack again would make second ones.',
      action:
        'Bring what was restored under a stack again by an import: `cdk import`, or a change set of type IMPORT with the captured template (each resource with a DeletionPolicy) and the ids in resources.json. Then deploy the template as it was.',
    },
    ...(hidden.length === 0
      ? []
      : [
          {
            class: 'lost' as const,
            what: `values of the parameters ${hidden.join(', ')}`,
            why: 'They are declared NoEcho: CloudFormation masks them in every answer.',
            action: 'Keep such values in Secrets Manager or Parameter Store and refer to them from the template.',
            count: hidden.length,
          },
        ]),
  ];
}

export const stackSetNotes: readonly LedgerNote[] = [
  {
    class: 'needs-human',
    what: 'the stack set, which returns to a directory only',
    why: 'To create it again would create the stacks of all its accounts and regions a second time.',
    action: 'Create the stack set from the captured template, and import the stacks that are still there into it.',
  },
];
