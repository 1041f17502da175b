import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { RestoreContext } from '../contract.ts';
import { rewritten } from '../rewrite.ts';
import type { DynamoOptions } from './options.ts';
import type { Setting } from './setting.ts';
import { tableFile } from './ledger.ts';
import { wantedSettings } from './state.ts';
import { nameInArn, tableOf } from './tables.ts';
import type { TableDocument } from './table-document.ts';

/** How much of what differs a restore changes; `everything` for a table that this restore created itself. */
export type Extent = RestoreContext['mode'] | 'everything';

/** What the snapshot holds of a table, in the terms of the target: names, ARNs and keys rewritten. */
export interface Wanted {
  /** The table's name at the target. */
  readonly name: string;
  readonly resource: string;
  readonly table: TableDocument;
  readonly documents: ReadonlyMap<string, Json>;
  readonly streamArn: string | undefined;
}

/** Throws item.unreadable when the snapshot does not hold the schema. */
export async function readWanted(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
  targetArn?: string,
): Promise<Wanted> {
  const { name, arn, resource } = tableOf(captured.ref);
  const entry = await captured.entry('', tableFile);
  const table = await captured.json('', tableFile);
  if (entry === undefined || table === undefined) {
    throw new HoldfastError('item.unreadable', `the snapshot does not hold the schema of table ${name}`, { resource });
  }
  const moved = (text: string): string => {
    if (targetArn !== undefined && (text === arn || text.startsWith(`${arn}/`))) {
      return `${targetArn}${text.slice(arn.length)}`;
    }
    return rewritten(context, text);
  };
  const documents = new Map<string, Json>();
  for (const { file } of wantedSettings(context)) {
    const document = await captured.json('', file);
    if (document !== undefined) documents.set(file, rewrite(document, moved));
  }
  const streamArn = entry.attributes['streamArn'];
  return {
    name: context.rename(nameInArn(arn)),
    resource,
    table: forRegion(rewrite(table, moved) as unknown as TableDocument, context.aws.region),
    documents,
    streamArn: typeof streamArn === 'string' ? streamArn : undefined,
  };
}

/** The document a setting shall have; undefined: not set. `isKnown`: the snapshot knows whether it was set. */
export function targetSetting(
  setting: Setting,
  captured: Json | undefined,
  live: Json | undefined,
  extent: Extent,
  isKnown: boolean,
): Json | undefined {
  const isWhole = extent === 'exact' || extent === 'everything';
  if (captured === undefined) return isWhole && isKnown ? undefined : live;
  if (live === undefined || isWhole) return captured;
  if (setting.merge !== undefined) return setting.merge(captured, live, extent);
  return extent === 'create-missing' ? live : captured;
}

export function sameDocument(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return compactJson(a) === compactJson(b);
}

/** A key of another region cannot encrypt here: the region's own key for DynamoDB does, until somebody names one. */
function forRegion(table: TableDocument, region: string): TableDocument {
  const keyId = table.SSESpecification?.KMSMasterKeyId;
  if (keyId === undefined || !keyId.startsWith('arn:') || keyId.split(':')[3] === region) return table;
  return { ...table, SSESpecification: { Enabled: true, SSEType: 'KMS' } };
}

function rewrite(json: Json, change: (text: string) => string): Json {
  if (typeof json === 'string') return change(json);
  if (Array.isArray(json)) return json.map((inner: Json) => rewrite(inner, change));
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, inner]) => [name, inner === undefined ? inner : rewrite(inner, change)]),
  );
}
