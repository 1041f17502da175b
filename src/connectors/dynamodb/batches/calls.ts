import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { ConnectorContext } from '../../contract.ts';
import type { KeyAttribute } from '../item-key.ts';
import type { Item } from '../item-json.ts';
import type { Table } from '../tables.ts';
import type { KeyedItem } from './keyed-item.ts';
import { byteCalls } from './byte-calls.ts';
import { sdkCalls } from './sdk-calls.ts';

/** What becomes of the items of a batch. */
export type Change = 'put' | 'delete';

/** Items as they were found, and keys that the call left to the next one. */
export interface GotBatch {
  /** What stands between the brackets of their list. */
  readonly list: Uint8Array;
  readonly left: readonly Item[];
}

/** Calls for some items each. Throw item.* errors, and what is not about an item. */
export interface BatchCalls {
  /** At most 25. Returns what DynamoDB left unprocessed: of each item its key attributes at least. */
  write(change: Change, items: readonly KeyedItem[]): Promise<readonly Item[]>;
  /** At most 100, as they are now (consistent reads). */
  get(items: readonly KeyedItem[]): Promise<GotBatch>;
}

/** The table whose items are read and written. */
export interface BatchTable {
  readonly context: ConnectorContext;
  readonly table: Table;
  readonly key: readonly KeyAttribute[];
  readonly calls: BatchCalls;
}

export async function openBatches(
  context: ConnectorContext,
  client: DynamoDB,
  table: Table,
  key: readonly KeyAttribute[],
): Promise<BatchTable> {
  const sdk = await import('@aws-sdk/client-dynamodb');
  const shown = new sdk.BatchGetItemCommand({ RequestItems: { [table.name]: { Keys: [] } } });
  const json = context.aws.jsonCalls?.(client, shown);
  const bySdk = sdkCalls(sdk, client, table, key);
  const calls = json ? eitherOf(byteCalls(json, table.name, key), bySdk, context.signal) : bySdk;
  return { context, table, key, calls };
}

/**
 * From bytes; what then goes wrong in any way is asked again by the SDK, which knows how often to try, what to do about clocks and
 * credentials, and what an error means. Both may have been done then: puts and deletes can be done twice.
 */
function eitherOf(bytes: BatchCalls, sdk: BatchCalls, signal: AbortSignal): BatchCalls {
  async function ask<T>(attempt: (calls: BatchCalls) => Promise<T>): Promise<T> {
    try {
      return await attempt(bytes);
    } catch {
      signal.throwIfAborted();
      return await attempt(sdk);
    }
  }
  return {
    write: (change, items) => ask((calls) => calls.write(change, items)),
    get: (items) => ask((calls) => calls.get(items)),
  };
}
