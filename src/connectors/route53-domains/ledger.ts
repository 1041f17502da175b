import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import { files, type Listed } from './domains.ts';

const day = 86_400_000;
/** Route 53 renews by itself some weeks before; what is nearer than this deserves a look in any case. */
const soon = 60 * day;

export function notes(documents: Documents): readonly LedgerNote[] {
  return [
    {
      class: 'lost',
      what: 'the registration',
      why: 'It is at the registry: one that expired, was deleted or was transferred away cannot be made again out of a snapshot.',
      action:
        'Leave auto-renewal and the transfer lock on, keep the card and the mail address of the registrant valid, and hold domains in an account of their own. Lost: renew within 30 days (RenewDomain, AWS Support).',
    },
    {
      class: 'needs-human',
      what: 'contacts',
      why: 'A change of the registrant must be confirmed by mail, and is a change of ownership at some registries.',
      action: 'Put them back by hand out of contacts.json (UpdateDomainContact).',
    },
    ...(documents.has(files.dnssec) ? [signed] : []),
  ];
}

const signed: LedgerNote = {
  class: 'needs-human',
  what: 'keys of DNSSEC',
  why: 'They must be those that the zone signs with: a zone that is made again has others, and old ones at the registry take the domain off the net.',
  action:
    'Before a zone is made again, take the keys out (DisassociateDelegationSignerFromDomain); once it is signed, put its own in (AssociateDelegationSignerToDomain).',
};

/** Of a domain that expires within 60 days of `now` (ms since the epoch), or has. */
export function expiryNote({ expiry, autoRenew }: Listed, name: string, now: number): LedgerNote | undefined {
  if (expiry === undefined) return undefined;
  const left = Date.parse(expiry) - now;
  if (left > soon) return undefined;
  const date = expiry.slice(0, 10);
  return {
    class: 'needs-human',
    what: 'expiry',
    why: left < 0 ? `${name} expired on ${date}.` : `${name} expires on ${date}, in ${Math.floor(left / day)} days.`,
    action:
      autoRenew === true && left >= 0
        ? 'It renews by itself: see that the card of the account is valid.'
        : `Renew it now (RenewDomain), and turn auto-renewal on.`,
  };
}
