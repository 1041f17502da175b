import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { Increment } from '../../../kernel/capture.ts';
import type { Attributes, CapturedResource } from '../../../kernel/entry.ts';
import { isCode } from '../../../kernel/errors.ts';
import { isCaptured, itemsCollection, tableFile } from '../ledger.ts';
import type { TableState } from '../state.ts';
import { readPast } from './request.ts';
import { windowsBetween, type ExportTime } from './windows.ts';

/** How the items of one capture are read out of exports. */
export interface ExportPlan {
  /** The moment that the capture shows, ms. */
  readonly to: number;
  /** What changed since the capture before, in order. Absent: all of the table. */
  readonly changes?: readonly ExportTime[];
  /** What the next capture must know to go on from this one: attributes of the table's document. */
  readonly attributes: Attributes;
}

/**
 * Changes since the capture before, where that one was read out of exports of this very table, holds all of its items, and lies
 * within the past that DynamoDB still has; else the whole table. Throws item errors: where it has no past.
 */
export async function planExport({ access, description }: TableState, increment: Increment): Promise<ExportPlan> {
  const past = await readPast(access.client, access.table);
  const identity = identityOf(description);
  const from = await exportedTo(increment.previous, identity);
  const changes = from === undefined ? undefined : windowsBetween(from, past.latest, past);
  const to = changes === undefined ? past.latest : Math.max(from ?? 0, past.latest);
  return { to, ...(changes ? { changes } : {}), attributes: { exportedTo: to, tableId: identity } };
}

/** A table that was made again under its name is another one, with another past. */
function identityOf({ TableId, CreationDateTime }: TableDescription): string {
  return TableId ?? CreationDateTime?.toISOString() ?? '';
}

async function exportedTo(previous: CapturedResource | undefined, identity: string): Promise<number | undefined> {
  if (!previous || !isCaptured(previous, itemsCollection)) return undefined;
  try {
    const { exportedTo: to, tableId } = (await previous.entry('', tableFile))?.attributes ?? {};
    return typeof to === 'number' && tableId === identity ? to : undefined;
  } catch (error) {
    // What cannot be read any more is captured anew.
    if (isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated')) return undefined;
    throw error;
  }
}
