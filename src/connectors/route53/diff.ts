import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { RestoreMode } from '../contract.ts';
import { recordFingerprint } from './record.ts';

export interface RecordChange {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE';
  readonly key: string;
  readonly set: ResourceRecordSet;
}

/** What must change at the target, in the order of the keys wanted, then of those in excess. */
export function diffRecords(
  wanted: ReadonlyMap<string, ResourceRecordSet>,
  live: ReadonlyMap<string, ResourceRecordSet>,
  mode: RestoreMode,
): RecordChange[] {
  const changes: RecordChange[] = [];
  for (const [key, set] of wanted) {
    const there = live.get(key);
    // CREATE, not UPSERT: what somebody made since this was compared is refused, and not overwritten.
    if (there === undefined) changes.push({ action: 'CREATE', key, set });
    else if (mode !== 'create-missing' && recordFingerprint(there) !== recordFingerprint(set)) {
      changes.push({ action: 'UPSERT', key, set });
    }
  }
  if (mode !== 'exact') return changes;
  for (const [key, set] of live) if (!wanted.has(key)) changes.push({ action: 'DELETE', key, set });
  return changes;
}

/** `3 created, 8 changed, 1 deleted` */
export function countChanges(changes: readonly RecordChange[]): string {
  const words = { CREATE: 'created', UPSERT: 'changed', DELETE: 'deleted' } as const;
  return (['CREATE', 'UPSERT', 'DELETE'] as const)
    .map((action) => [changes.filter((change) => change.action === action).length, words[action]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}
