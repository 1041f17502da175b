import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { TableState } from './state.ts';

export const tableFile = 'table.json';

/** The items of a table, as a collection of its capture. */
export const itemsCollection = 'items';

const uncaptured = ' not captured';

/** Notes on a table whose restore will not be exact. */
export function tableNotes({ table, documents }: TableState): LedgerNote[] {
  const notes: LedgerNote[] = [];
  if (table.StreamSpecification !== undefined) {
    notes.push({
      class: 'new-identity',
      what: 'stream',
      why: 'a table that is created anew has a stream with another ARN, and its past records are gone',
      action: 'Nothing now. After a restore, event source mappings of this stream are to be made for the new ARN.',
    });
  }
  if (table.Replicas !== undefined) {
    notes.push({
      class: 'needs-human',
      what: `replicas in ${table.Replicas.join(', ')}`,
      why: 'a restore creates the table in one region',
      action: 'After a restore, add the replicas to the table.',
      count: table.Replicas.length,
    });
  }
  if (documents.has('backups.json')) {
    notes.push({
      class: 'lost',
      what: 'past of point-in-time recovery',
      why: 'its window begins anew when a table is created anew',
      action: 'Keep snapshots for as long as you may want to go back.',
    });
  }
  if (documents.has('ttl.json')) {
    notes.push({
      class: 'lost',
      what: 'items past their time to live',
      why: 'DynamoDB deletes them soon after time to live is on again, which a restore does last',
      action: 'To keep them, restore to a directory, or under another name with time to live off.',
    });
  }
  return notes;
}

/**
 * What this snapshot does not know. It also keeps a restore with mode `exact` from deleting what was only not captured
 * (`isCaptured`).
 */
export function notCaptured(
  what: string,
  why: string,
  action = 'Mend the cause and take another snapshot.',
): LedgerNote {
  return {
    class: 'needs-human',
    what: `${what}${uncaptured}`,
    why,
    action,
  };
}

/** False where the snapshot says that it does not know `what` (a file name, or `items`) in full. */
export function isCaptured(captured: CapturedResource, what: string): boolean {
  return !captured.ledger.some((note) => note.what === `${what}${uncaptured}`);
}
