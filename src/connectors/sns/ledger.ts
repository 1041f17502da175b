import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import type { Subscription } from './subscription.ts';
import { isByMail, isMasked } from './subscriptions.ts';
import { files } from './topic.ts';

/** What will not come back as it was, of a topic. */
export function notes(documents: Documents): readonly LedgerNote[] {
  const all = [files.subscriptions, files.webhooks].flatMap(
    (file) => (documents.get(file) ?? []) as unknown as readonly Subscription[],
  );
  const lines: readonly (readonly [readonly Subscription[], Omit<LedgerNote, 'count'>])[] = [
    [all.filter(isByMail), byMail],
    [all.filter(({ Protocol }) => Protocol === 'sms'), byText],
    [all.filter(isMasked), masked],
    [all.filter(({ Protocol }) => Protocol === 'application'), toDevices],
  ];
  return lines.filter(([found]) => found.length > 0).map(([found, note]) => ({ ...note, count: found.length }));
}

const byMail: LedgerNote = {
  class: 'needs-human',
  what: 'subscriptions by e-mail',
  why: 'SNS delivers to an address only when whoever reads it has confirmed the subscription, and forgets that with the topic.',
  action: 'Tell the subscribers to confirm the mail that a restore sends them, within three days.',
};

const byText: LedgerNote = {
  class: 'needs-human',
  what: 'subscriptions by text message',
  why: 'An account begins in the SMS sandbox of each region and reaches numbers verified there only.',
  action: 'Ask for production access to SMS and a spending limit in the recovery account and region now.',
};

const masked: LedgerNote = {
  class: 'needs-human',
  what: 'web subscriptions with a password',
  why: 'SNS shows the password to nobody, so they are not made again.',
  action: 'Keep their addresses with the password in a vault, and subscribe them again after a restore.',
};

const toDevices: LedgerNote = {
  class: 'needs-human',
  what: 'subscriptions of mobile devices',
  why: 'Platform applications hold credentials of the push services that SNS gives to nobody.',
  action: 'Keep those credentials, make the applications again, and let the devices register.',
};
