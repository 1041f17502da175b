import type { ExtensionPlan, PlannedObjects } from './contract.ts';
import { batchSize, type Extension } from './extend.ts';
import type { KnownLocks } from './records.ts';

// Of one object: its lock is read, read again by the store before it sets a longer one, set, and read back.
const readsOfOne = 3;
const writesOfOne = 1;
// The intent in the audit log, and the outcome.
const auditRecords = 2;

/** What extending the locks of `due` would do and take at most. Asks the store nothing. */
export function planExtension(due: readonly string[], extension: Extension, known: KnownLocks): ExtensionPlan {
  const folders = new Map<string, { objects: number; unrecorded: number; earliest?: number }>();
  for (const key of due) {
    const folder = key.slice(0, key.indexOf('/') + 1);
    const found = folders.get(folder) ?? { objects: 0, unrecorded: 0 };
    folders.set(folder, found);
    found.objects++;
    const until = known.get(key)?.until;
    if (until === undefined) found.unrecorded++;
    else found.earliest = Math.min(found.earliest ?? until, until);
  }
  const records = due.length === 0 ? 0 : Math.ceil(due.length / batchSize) + auditRecords;
  return {
    lockedUntil: extension.until,
    folders: [...folders]
      .map(([folder, found]): PlannedObjects => ({ folder, ...found }))
      .sort((a, b) => (a.folder < b.folder ? -1 : 1)),
    requests: { reads: due.length * readsOfOne, writes: due.length * writesOfOne + records },
  };
}
