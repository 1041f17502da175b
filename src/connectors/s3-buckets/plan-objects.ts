import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import type { Bucket } from './bucket.ts';
import { bytesOf, decideAll } from './restore-objects.ts';
import type { Decision } from './decide.ts';
import { readConfig } from './config-read.ts';
import { rowNamed } from './config-rows.ts';
import type { JsonRecord } from './json-record.ts';
import { readScope } from './scope.ts';

export interface ObjectPlanSettings {
  readonly dependsOn: readonly string[];
  id(operation: string): string;
  /** The bucket keeps versions, or will before the objects are written. */
  readonly willVersion: boolean;
}

interface Counts {
  create: number;
  revert: number;
  undelete: number;
  unknown: number;
  delete: number;
  leave: number;
  noContent: number;
  entries: number;
  bytes: number;
}

/** At most two actions: one that writes everything missing or changed, one that deletes what is extra. */
export async function planObjects(
  context: RestoreContext,
  captured: CapturedResource,
  bucket: Bucket | undefined,
  settings: ObjectPlanSettings,
): Promise<PlannedAction[]> {
  const scope = await readScope(captured);
  if (!scope.objects) return [];
  const versioned = settings.willVersion || (bucket !== undefined && (await keepsVersions(bucket)));
  const counts: Counts = {
    create: 0,
    revert: 0,
    undelete: 0,
    unknown: 0,
    delete: 0,
    leave: 0,
    noContent: 0,
    entries: 0,
    bytes: 0,
  };
  for await (const { decision } of decideAll({ context, captured, scope, bucket, versioned })) tally(counts, decision);
  const name = context.rename(captured.ref.name);
  const writes = counts.create + counts.revert + counts.undelete + counts.unknown;
  const actions: PlannedAction[] = [];
  if (writes > 0) {
    actions.push({
      id: settings.id('objects'),
      resource: captured.ref,
      operation: 'put-objects',
      title: `write ${counted(writes, 'object')} to ${name}: ${parts(counts)}`,
      effect: counts.revert + counts.unknown > 0 ? 'update' : 'create',
      dependsOn: settings.dependsOn,
      input: { create: counts.create, revert: counts.revert, undelete: counts.undelete },
      items: counts.entries + counts.undelete,
      bytes: counts.bytes,
      ledger: notesOf(counts, versioned),
    });
  }
  if (counts.delete > 0) {
    actions.push({
      id: settings.id('delete-objects'),
      resource: captured.ref,
      operation: 'delete-objects',
      title: `delete ${counted(counts.delete, 'object')} of ${name} that the snapshot does not have`,
      effect: 'delete',
      dependsOn: actions.map(({ id }) => id),
      input: { delete: counts.delete },
      items: counts.delete,
    });
  }
  return actions;
}

/** True when the live bucket keeps every version; suspended counts as not. */
export async function keepsVersions(bucket: Bucket): Promise<boolean> {
  const versioning = (await readConfig(bucket, rowNamed('versioning'))) as JsonRecord | undefined;
  return versioning?.['Status'] === 'Enabled';
}

function tally(counts: Counts, decision: Decision): void {
  if (decision.action === 'write') {
    counts[decision.effect]++;
    counts.entries += decision.entries.length;
    counts.bytes += bytesOf(decision);
  } else if (decision.action === 'no-content') counts.noContent++;
  else if (decision.action !== 'none' && decision.action !== 'compare') counts[decision.action]++;
}

function parts(counts: Counts): string {
  const named: readonly (readonly [number, string])[] = [
    [counts.create, 'missing'],
    [counts.revert, 'changed'],
    [counts.undelete, 'to undelete'],
    [counts.unknown, 'not comparable'],
  ];
  return named
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}

function notesOf(counts: Counts, versioned: boolean): readonly LedgerNote[] {
  const notes: LedgerNote[] = [];
  if (versioned && counts.entries > 0) {
    notes.push({
      class: 'new-identity',
      what: 'version ids and LastModified of the objects written',
      why: 'S3 gives both anew at each write; what was changed in between stays in the history',
      action: 'refer to objects by key, not by version id',
      count: counts.entries,
    });
  }
  if (counts.noContent > 0) {
    notes.push({
      class: 'needs-human',
      what: 'archived objects without content in the snapshot',
      why: 'they could not be read when the snapshot was taken',
      action: 'restore them from an older snapshot, or from another copy',
      count: counts.noContent,
    });
  }
  if (counts.leave > 0) {
    notes.push({
      class: 'needs-human',
      what: 'objects that are older than the snapshot but not in it',
      why: 'they could not be captured then; they are left as they are',
      action: 'look at the failures of the snapshot, and delete by hand what is not wanted',
      count: counts.leave,
    });
  }
  return notes;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
