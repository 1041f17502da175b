import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import type { GrantsDocument } from './grants.ts';
import { isBeingDeleted, type KeyDocument } from './key-document.ts';

/** What will not come back as it was, of a key. */
export function notes(documents: Documents): readonly LedgerNote[] {
  const document = documents.get('key.json');
  const key = document as unknown as KeyDocument | undefined;
  if (!key) return [];
  if (isBeingDeleted(document)) return [beingDeleted(key)];
  const services = (documents.get('grants.json') as unknown as GrantsDocument | undefined)?.Services.length ?? 0;
  return [material(key), ...(services > 0 ? [serviceGrants(services)] : [])];
}

function beingDeleted({ DeletionDate }: KeyDocument): LedgerNote {
  return {
    class: 'lost',
    what: 'the key',
    why: `It was about to be deleted${DeletionDate ? ` on ${DeletionDate.slice(0, 10)}` : ''} when it was captured, and no restore makes another in its place.`,
    action: 'If anything is still encrypted under it, backups included, call the deletion off before that day.',
  };
}

function material({ Origin, KeyUsage, MultiRegion }: KeyDocument): LedgerNote {
  if (Origin === 'EXTERNAL')
    return {
      class: 'needs-human',
      what: 'imported key material',
      why: 'KMS gives it to nobody. A restored key waits until somebody imports material, and never reads what was encrypted under the old key.',
      action: 'Keep the material in a vault of your own, and who may import it on call.',
    };
  if (Origin !== 'AWS_KMS')
    return {
      class: 'needs-human',
      what: 'key material in a custom key store',
      why: 'It lies in your hardware or key manager. A restored key needs that store connected in the region it goes to.',
      action: 'Back up the key store itself.',
    };
  const unreadable =
    KeyUsage === 'ENCRYPT_DECRYPT'
      ? 'what was encrypted under the old one stays unreadable, backups and snapshots of AWS under it included'
      : 'its public half is another, so that others must be told, and what the old one made is no longer confirmed by it';
  return {
    class: 'new-identity',
    what: 'key material',
    why: `KMS gives keys to nobody and never makes a deleted one again. A restore makes a new key, with a new id: ${unreadable}.`,
    action: MultiRegion
      ? 'Keep at least one replica in another region: while one lives, data under the key can be read there.'
      : 'Deny kms:ScheduleKeyDeletion, watch for it, and use a multi-Region key where data must be readable elsewhere. A deletion can be called off for 7 to 30 days: a restore does that.',
  };
}

function serviceGrants(count: number): LedgerNote {
  return {
    class: 'new-identity',
    what: 'grants of AWS services',
    why: 'A service makes a grant for each volume, table or function it keeps under the key.',
    action: 'None: it makes another when the resource is made again. A copy of these is in grants.json.',
    count,
  };
}
