import type { CaptureSink, Increment, IncrementSink } from '../../../kernel/capture.ts';
import { forEachConcurrent } from '../../../kernel/concurrency.ts';
import { HoldfastError, isCode, isItemError } from '../../../kernel/errors.ts';
import type { Json } from '../../../kernel/json.ts';
import type { ConnectorContext } from '../../contract.ts';
import { s3Client } from '../calls.ts';
import { itemFromJson, itemToJson } from '../item-json.ts';
import { entryKey, keyAttributes, type KeyAttribute } from '../item-key.ts';
import { itemsCollection, notCaptured } from '../ledger.ts';
import type { DynamoOptions } from '../options.ts';
import type { TableState } from '../state.ts';
import { readLines, type ExportPlace } from './data-file.ts';
import { readManifest, type DataFile } from './manifest.ts';
import type { ExportPlan } from './plan.ts';
import { exportTable } from './request.ts';
import type { ExportTime } from './windows.ts';

type Context = ConnectorContext<DynamoOptions>;
type Line = Readonly<Record<string, Json>>;

const filesAtOnce = 4;

/** An export with the list of its files. */
interface ReadyExport {
  readonly place: ExportPlace;
  readonly files: readonly DataFile[];
}

/**
 * Captures the items of a table out of exports: all of them, or what changed over those of the capture before. What an export
 * does not give as its manifest says is a failure, with a note that keeps an `exact` restore from taking items for
 * deleted, and the next capture from going on from this one.
 */
export async function captureExports(
  context: Context,
  state: TableState,
  plan: ExportPlan,
  sink: CaptureSink,
): Promise<void> {
  const incomplete = (why: string): void => sink.note(notCaptured(itemsCollection, why));
  const read = async (made: ReadyExport, take: (line: Line) => Promise<void>): Promise<void> => {
    let lost = 0;
    await forEachConcurrent(made.files, filesAtOnce, async (file) => {
      try {
        for await (const line of readLines(context, made.place, file)) await take(line);
      } catch (error) {
        if (!isItemError(error)) throw error;
        lost++;
        sink.fail(error);
      }
    });
    if (lost > 0) incomplete(`${lost} of ${made.files.length} files of an export could not be read`);
  };
  try {
    const key = keyAttributes(state.description);
    const { resource } = state.access.table;
    const changes = plan.changes && (await changesReady(context, state, plan.changes));
    if (changes && sink.increment) {
      const items = openOver(sink.increment, incomplete);
      for (const change of changes) {
        await read(change, (line) => takeChange(items, key, line, resource));
        // Of two windows the later one counts.
        await items.idle();
      }
    } else {
      const items = sink.collection(itemsCollection, { order: 'unsorted' });
      const whole = await ready(context, state, { to: plan.to });
      await read(whole, async ({ Item }) => {
        const item = itemFromJson(given(Item, resource));
        await items.add({ key: entryKey(key, item), kind: 'row', document: itemToJson(item) });
      });
    }
    context.moment?.reached({ kind: 'instant', from: plan.to, to: plan.to, clock: 'server' });
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error);
    incomplete(`the table could not be exported: ${error.message}`);
  }
}

function openOver(increment: Increment, incomplete: (why: string) => void): IncrementSink {
  return increment.collection(itemsCollection, () => incomplete('items of the capture before could not be read again'));
}

/** A deleted item is its key alone. */
async function takeChange(
  items: IncrementSink,
  key: readonly KeyAttribute[],
  { Keys, NewImage }: Line,
  resource: string,
): Promise<void> {
  const name = entryKey(key, itemFromJson(given(Keys, resource)));
  if (NewImage === undefined) await items.remove(name);
  else await items.add({ key: name, kind: 'row', document: itemToJson(itemFromJson(NewImage)) });
}

function given(value: Json | undefined, resource: string): Json {
  if (value !== undefined) return value;
  throw new HoldfastError('item.unreadable', `an export of ${resource} has a line without an item`, { resource });
}

async function ready(context: Context, { access }: TableState, time: ExportTime): Promise<ReadyExport> {
  const { client, table } = access;
  const made = await exportTable(context, client, table, time);
  const place = { s3: await s3Client(context.aws), bucket: made.bucket, resource: table.resource };
  return { place, files: await readManifest(place.s3, made, table.resource) };
}

/** Undefined where DynamoDB does not make them, or not as they must be: then the whole table is exported. */
async function changesReady(
  context: Context,
  state: TableState,
  times: readonly ExportTime[],
): Promise<readonly ReadyExport[] | undefined> {
  try {
    const made: ReadyExport[] = [];
    for (const time of times) made.push(await ready(context, state, time));
    return made;
  } catch (error) {
    if (!isCode(error, 'item.invalid', 'item.unreadable', 'item.not-found', 'item.conflict')) throw error;
    const message = `${state.access.table.resource} is exported as a whole, and not its changes: ${error.message}`;
    context.events({ type: 'notice', level: 'warning', message });
    return undefined;
  }
}
