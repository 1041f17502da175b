import type { LedgerNote } from '../../kernel/entry.ts';
import type { Address, Documents } from '../documents/contract.ts';
import type { Dkim } from './identity-parts.ts';

/** What will not come back as it was, of a domain or address. */
export function identityNotes(documents: Documents, { name }: Address): readonly LedgerNote[] {
  if (name.includes('@')) return [address];
  const { Origin = 'AWS_SES' } = (documents.get('dkim.json') ?? {}) as unknown as Partial<Dkim>;
  return [Origin === 'EXTERNAL' ? ownKey : tokens, reputation];
}

const address: LedgerNote = {
  class: 'needs-human',
  what: 'verification of the address',
  why: 'SES sends a link there, and somebody must follow it within a day.',
  action: 'Verify the domain instead, which needs nobody to read mail.',
};

const ownKey: LedgerNote = {
  class: 'needs-human',
  what: 'private key of DKIM',
  why: 'You gave it to SES, and SES gives it to nobody.',
  action: 'Keep the key and its selector in a vault: with them the same DNS records stay good in every region.',
};

const tokens: LedgerNote = {
  class: 'new-identity',
  what: 'DKIM tokens',
  why: 'A domain that is made again, or in another region, has other tokens, and sends when their records are in the DNS.',
  action:
    'Verify the domain in the recovery region now, or let that region follow this one’s keys (Deterministic Easy DKIM).',
};

const reputation: LedgerNote = {
  class: 'lost',
  what: 'reputation as a sender',
  why: 'Mailbox providers know it by region and addresses; it grows with what is sent.',
  action: 'Send a little from the recovery region all the time.',
};
