import { asBuffer } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import type { Rows } from './row-set.ts';
import type { SesScene } from './shapes.ts';

const atOnce = 8;
const secondsUntilListed = 10;

/** A long set of a captured resource, and where it goes. */
export interface RowsTarget {
  readonly context: RestoreContext<Record<string, never>>;
  readonly scene: SesScene;
  readonly rows: Rows;
  readonly name: string;
  readonly captured: CapturedResource;
}

type Change = 'missing' | 'changed' | 'extra';

/** What differs, row by row. Of what is there only keys and what the listing says are held. */
async function* differences(
  { context, scene, rows, name, captured }: RowsTarget,
  isThere: boolean,
): AsyncGenerator<{ readonly change: Change; readonly key: string; readonly row: Json }> {
  const prefix = context.only?.prefix;
  const live = new Map<string, Json | undefined>();
  if (isThere) for await (const one of rows.list(scene, name)) live.set(one.key, one.row);
  for await (const entry of captured.entries(rows.collection, prefix ? { prefix } : {})) {
    const key = asBuffer(entry.key).toString('utf8');
    const row = JSON.parse(asBuffer(await captured.bytes(entry)).toString('utf8')) as Json;
    const wasThere = live.has(key);
    const listed = live.get(key);
    live.delete(key);
    if (!wasThere) yield { change: 'missing', key, row };
    else if (context.mode !== 'create-missing') {
      const now = listed ?? (await rows.read?.(scene, name, key));
      if (compactJson(now ?? null) !== compactJson(row)) yield { change: 'changed', key, row };
    }
  }
  // Beside a part of them nothing is new.
  if (context.mode === 'exact' && !prefix) for (const key of live.keys()) yield { change: 'extra', key, row: null };
}

/** One action for all rows that differ; none where nothing does. `after`: actions that must be done before. */
export async function planRows(
  target: RowsTarget,
  isThere: boolean,
  after: readonly string[],
): Promise<PlannedAction[]> {
  const { rows, captured, name } = target;
  const counts: Record<Change, number> = { missing: 0, changed: 0, extra: 0 };
  for await (const { change } of differences(target, isThere)) counts[change]++;
  const said = Object.entries(counts).filter(([, count]) => count > 0);
  if (said.length === 0) return [];
  const where = name === '' ? '' : ` of ${name}`;
  return [
    {
      id: `${captured.ref.type}/${captured.ref.name}/${rows.collection}`,
      resource: captured.ref,
      operation: 'rows',
      title: `put back ${rows.what}${where}: ${said.map(([change, count]) => `${count} ${change}`).join(', ')}`,
      effect: counts.extra > 0 ? 'delete' : counts.changed > 0 ? 'update' : 'create',
      dependsOn: after,
      input: { collection: rows.collection },
      items: counts.missing + counts.changed + counts.extra,
    },
  ];
}

/** Writes what differs and looks at it again. A row that is refused costs itself. */
export async function applyRows(target: RowsTarget): Promise<ActionOutcome> {
  const { scene, rows, name, captured } = target;
  const resource = `${captured.ref.type}/${captured.ref.name}`;
  const failures: HoldfastError[] = [];
  let items = 0;
  await forEachConcurrent(differences(target, true), atOnce, async ({ change, key, row }) => {
    try {
      if (change === 'extra') await rows.remove(scene, name, key);
      else await rows.write(scene, name, key, row, change === 'changed');
      items++;
    } catch (error) {
      if (!isItemError(error)) throw error;
      failures.push(error);
    }
  });
  if (items === 0 && failures.length === 0) return { result: 'unchanged', class: 'exact' };
  for (let waits = 0; ; waits++) {
    let left = -failures.length;
    for await (const _ of differences(target, true)) left++;
    if (left <= 0) break;
    if (waits === secondsUntilListed)
      throw new HoldfastError(
        'item.changed',
        `${left} ${rows.what} of ${resource} were written but read back otherwise`,
        {
          resource,
        },
      );
    await scene.runtime.clock.sleep(1000, scene.signal);
  }
  return { result: 'done', class: 'exact', items, ...(failures.length > 0 ? { failures } : {}) };
}
