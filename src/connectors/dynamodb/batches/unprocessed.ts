import { asBuffer } from '../../../kernel/bytes.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { Json } from '../../../kernel/json.ts';
import type { ConnectorContext } from '../../contract.ts';
import { itemFromJson, type Item } from '../item-json.ts';
import { entryKey, type KeyAttribute } from '../item-key.ts';
import { unreadable } from '../rows/json-bytes.ts';
import type { BatchTable } from './calls.ts';
import type { KeyedItem } from './keyed-item.ts';

/** A batch that DynamoDB leaves wholly unprocessed this often is given up: about two minutes with the pauses. */
const roundsWithoutProgress = 25;

const firstPauseMs = 50;
const longestPauseMs = 10_000;

interface WriteRequestJson {
  readonly PutRequest?: { readonly Item?: Json };
  readonly DeleteRequest?: { readonly Key?: Json };
}

/** The items of requests, given what stands between the brackets of `UnprocessedItems`. Throws item.unreadable. */
export function unprocessedIn(list: Uint8Array): Item[] {
  let requests: readonly WriteRequestJson[];
  try {
    requests = JSON.parse(`[${asBuffer(list).toString('utf8')}]`) as typeof requests;
  } catch {
    throw unreadable();
  }
  return requests.map(({ PutRequest, DeleteRequest }) => itemFromJson(PutRequest?.Item ?? DeleteRequest?.Key ?? null));
}

/** Those of the batch that were left. What is left and is none of them speaks of another batch: then all of them are. */
export function leftOf<T extends KeyedItem>(
  batch: readonly T[],
  key: readonly KeyAttribute[],
  left: readonly Item[],
): readonly T[] {
  if (left.length === 0) return [];
  const names = new Set(left.map((item) => entryKey(key, item)));
  const known = batch.filter((item) => names.has(item.key));
  return known.length === names.size ? known : batch;
}

/** What one call for some items left to the next one. */
export interface Round<T> {
  readonly left: readonly T[];
  /** DynamoDB asks for fewer calls. */
  readonly heldBack: boolean;
}

/**
 * Calls `round` with what is left until nothing is, with pauses as DynamoDB asks for. Throws item.throttled where that makes no
 * progress for some minutes; `operation` is what is called.
 */
export async function untilNoneIsLeft<T extends KeyedItem>(
  { context, table }: BatchTable,
  operation: string,
  items: readonly T[],
  round: (items: readonly T[]) => Promise<Round<T>>,
): Promise<void> {
  const { name, resource } = table;
  let rest = items;
  for (let fruitless = 0; rest.length > 0;) {
    context.signal.throwIfAborted();
    const { left, heldBack } = await round(rest);
    fruitless = left.length < rest.length ? 0 : fruitless + 1;
    if (fruitless >= roundsWithoutProgress) {
      const what = `${operation} leaves ${left.length} items of ${name} unprocessed, however often they are asked for`;
      throw new HoldfastError('item.throttled', what, { resource });
    }
    if (heldBack) context.aws.heldBack?.({ api: 'dynamodb', operation, resource: name });
    if (heldBack || fruitless > 0) await pauseAfter(context, fruitless + 1);
    rest = left;
  }
}

/** Exponential back-off with jitter for what a batch left unprocessed, as DynamoDB asks for. */
async function pauseAfter(context: ConnectorContext, round: number): Promise<void> {
  const bound = Math.min(firstPauseMs * 2 ** (round - 1), longestPauseMs);
  const fraction = asBuffer(context.runtime.random.bytes(4)).readUInt32LE() / 2 ** 32;
  await context.runtime.clock.sleep(Math.round(bound * (0.5 + fraction / 2)), context.signal);
}
