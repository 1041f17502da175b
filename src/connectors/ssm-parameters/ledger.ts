import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import { files, type Metadata } from './parameter.ts';

/** What will not come back as it was, of a parameter. */
export function notes(documents: Documents): readonly LedgerNote[] {
  const metadata = documents.get(files.metadata) as unknown as Metadata | undefined;
  if (!metadata) return [];
  return [
    ...(metadata.Version > 1 ? [olderVersions(metadata.Version - 1)] : []),
    ...(JSON.stringify(metadata.Policies ?? []).includes('"Expiration"') ? [expires] : []),
  ];
}

function olderVersions(count: number): LedgerNote {
  return {
    class: 'lost',
    what: 'older versions and their labels',
    why: 'Only the present version is captured; a parameter that is made again begins with version 1.',
    action: 'Refer to parameters without a version. Older values are in older snapshots.',
    count,
  };
}

const expires: LedgerNote = {
  class: 'needs-human',
  what: 'date of expiration',
  why: 'The parameter deletes itself on that date, and one whose date is over is refused.',
  action: 'After that date restore it to a directory and put it back with another date.',
};
