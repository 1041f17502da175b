import type { CaptureSink, Increment } from '../../kernel/capture.ts';
import type { Attributes } from '../../kernel/entry.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { pointSettings } from '../points/options.ts';
import { captureExports } from './export/capture.ts';
import { planExport, type ExportPlan } from './export/plan.ts';
import { keyAttributes } from './item-key.ts';
import { itemsCollection, notCaptured, tableNotes, tableFile } from './ledger.ts';
import type { DynamoOptions } from './options.ts';
import { createRowReader } from './rows/read-rows.ts';
import { scanRows } from './rows/scan-rows.ts';
import { scanTable, segmentsFor } from './scan.ts';
import { settings } from './settings.ts';
import { readState, wantedSettings, type TableState } from './state.ts';
import { tableOf } from './tables.ts';

/** Captures one table: its schema, its settings, and every item as a row. */
export async function capture(
  context: ConnectorContext<DynamoOptions>,
  resource: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const table = tableOf(resource.ref);
  try {
    const state = await readState(context, table);
    if (state === undefined) {
      throw new HoldfastError('item.not-found', `table ${table.name} was deleted after it was found`, {
        resource: table.resource,
      });
    }
    if (context.options.items && context.options.read === 'export' && sink.increment)
      await captureExported(context, state, sink, sink.increment);
    else {
      await addDocuments(context, state, sink);
      await addItems(context, state, sink);
    }
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error, { collection: '', key: tableFile });
  }
}

/** Where only a comparison is wanted, which has no use for an old state, items are scanned instead. */
async function captureExported(
  context: ConnectorContext<DynamoOptions>,
  state: TableState,
  sink: CaptureSink,
  increment: Increment,
): Promise<void> {
  let plan: ExportPlan;
  try {
    plan = await planExport(state, increment);
  } catch (error) {
    if (!isItemError(error)) throw error;
    await addDocuments(context, state, sink);
    sink.fail(error);
    sink.note(notCaptured(itemsCollection, error.message, whereItemsAre(context.options)));
    return;
  }
  await addDocuments(context, state, sink, plan.attributes);
  await captureExports(context, state, plan, sink);
}

async function addDocuments(
  context: ConnectorContext<DynamoOptions>,
  state: TableState,
  sink: CaptureSink,
  attributes: Attributes = {},
): Promise<void> {
  const { description, documents, unread } = state;
  await sink.root.add({
    key: tableFile,
    kind: 'document',
    document: state.table as unknown as Json,
    attributes: {
      arn: state.access.table.arn,
      ...(description.LatestStreamArn === undefined || state.table.StreamSpecification === undefined
        ? {}
        : { streamArn: description.LatestStreamArn }),
      ...attributes,
    },
  });
  const wanted = wantedSettings(context);
  for (const setting of settings) {
    const document = documents.get(setting.file);
    const error = unread.get(setting.file);
    if (document !== undefined) await sink.root.add({ key: setting.file, kind: 'document', document });
    if (error !== undefined) {
      sink.fail(error, { collection: '', key: setting.file });
      sink.note(notCaptured(setting.file, `the ${setting.title} could not be read`));
    }
    if (!wanted.includes(setting)) {
      sink.note(notCaptured(setting.file, `the options of the source leave the ${setting.title} out`));
    }
  }
  for (const note of tableNotes(state)) sink.note(note);
}

async function addItems(
  context: ConnectorContext<DynamoOptions>,
  { access, description }: TableState,
  sink: CaptureSink,
): Promise<void> {
  const { options } = context;
  if (!options.items) {
    sink.note(notCaptured(itemsCollection, 'the options of the source leave the items out', whereItemsAre(options)));
    return;
  }
  const attributes = keyAttributes(description);
  const segments = options.segments ?? segmentsFor(description.TableSizeBytes ?? 0);
  const lost: number[] = [];
  const items = sink.collection(itemsCollection, { order: 'unsorted' });
  await scanTable(context, access.table, {
    segments,
    consistent: options.consistent,
    scan: (input) => scanRows(access.client, input, access.table.resource),
    async onPage({ list, Count }) {
      let read = 0;
      for (const { key, row } of createRowReader(attributes)(list)) {
        await items.add({ key, kind: 'row', content: row });
        read++;
      }
      if (Count !== undefined && Count !== read) throw miscounted(access.table.resource, Count, read);
    },
    onLost(segment, error) {
      lost.push(segment + 1);
      const what = `the items of segment ${segment + 1} of ${segments} are missing from where it ended`;
      sink.fail(
        new HoldfastError(error.code, `${what}: ${error.message}`, { resource: access.table.resource, cause: error }),
      );
    },
  });
  if (lost.length > 0) {
    const which = lost.sort((a, b) => a - b).join(', ');
    const why = `segments ${which} of ${segments} could not be read to their ends`;
    sink.note(notCaptured(itemsCollection, why, whereItemsAre(options)));
  }
}

function miscounted(resource: string, said: number, read: number): HoldfastError {
  return new HoldfastError('item.damaged', `an answer to Scan of ${resource} says ${said} items and holds ${read}`, {
    resource,
  });
}

/** What to do where the snapshot does not hold all items. */
function whereItemsAre(options: DynamoOptions): string | undefined {
  if (!pointSettings(options)) return undefined;
  return 'They are in the backup that was asked for with this snapshot: a restore makes a missing table of it.';
}
