import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import { files, type Certificate } from './certificate.ts';

/** What will not come back as it was, of a certificate that ACM issued. */
export function requestedNotes(documents: Documents): readonly LedgerNote[] {
  const found = documents.get(files.certificate) as unknown as Certificate | undefined;
  const byMail = found?.Validation.some(({ ValidationMethod }) => ValidationMethod === 'EMAIL') ?? false;
  return [
    {
      class: 'new-identity',
      what: 'certificate and private key',
      why: 'ACM keeps the private key to itself. A restore requests another certificate for the same names, with another ARN and key.',
      action:
        'Keep its validation records in the DNS: in the same account they are good for the next one. For another account add that one’s records now.',
    },
    ...(byMail ? [validatedByMail] : []),
  ];
}

const validatedByMail: LedgerNote = {
  class: 'needs-human',
  what: 'validation by e-mail',
  why: 'Somebody must follow a link that ACM sends to the owner of the domain; a restore asks for validation by DNS instead.',
  action: 'Change to validation by DNS, which needs nobody.',
};

/** Of one whose private key others keep. */
export function importedNotes(): readonly LedgerNote[] {
  return [
    {
      class: 'needs-human',
      what: 'private key',
      why: 'ACM never gives the key of a certificate that was imported, or signed for others; the snapshot has the public part.',
      action: 'Keep the key in a vault when you import it, and import it again after a restore (ImportCertificate).',
    },
  ];
}
