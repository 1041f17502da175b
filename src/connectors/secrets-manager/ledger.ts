import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import { files, type Metadata } from './secret.ts';

/** What will not come back as it was, of a secret. */
export function notes(documents: Documents): readonly LedgerNote[] {
  const { OwningService } = (documents.get(files.metadata) ?? {}) as Partial<Metadata>;
  if (OwningService !== undefined)
    return [
      {
        class: 'new-identity',
        what: `secret of ${OwningService}`,
        why: 'The service made it, and makes another when the resource it is for is made again.',
        action: 'None. Its value is in the snapshot, for what was protected with it.',
      },
    ];
  return [
    {
      class: 'new-identity',
      what: 'ARN of the secret',
      why: 'Secrets Manager ends each ARN with six characters of its own choice. Once the time to call its deletion off is over, a secret of the same name has another ARN.',
      action:
        'Refer to secrets by name, or by ARN without the last six characters. What is restored in the same run follows.',
    },
    {
      class: 'lost',
      what: 'ids and older versions of its value',
      why: 'Versions without a label are about to be forgotten, and a version that is written again has a new id.',
      action: 'Refer to versions by label.',
    },
  ];
}
