import { asBuffer, concatBytes } from '../../../kernel/bytes.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { Json } from '../../../kernel/json.ts';
import type { JsonCalls } from '../../aws/contract.ts';
import { itemFromJson, type Item } from '../item-json.ts';
import type { KeyAttribute } from '../item-key.ts';
import { cutList } from '../rows/cut-list.ts';
import type { BatchCalls, Change } from './calls.ts';
import { keyText } from './keyed-item.ts';
import { unprocessedIn } from './unprocessed.ts';

/** Batches made of the bytes of rows, without values and without the SDK. */
export function byteCalls(calls: JsonCalls, name: string, key: readonly KeyAttribute[]): BatchCalls {
  const ask = (operation: string, body: Uint8Array): Promise<Uint8Array> =>
    calls.call({ operation, resource: name, body });
  const quoted = JSON.stringify(name);
  return {
    async write(change, items) {
      const { before, after } = requests[change];
      const parts: Uint8Array[] = [Buffer.from(`{"RequestItems":{${quoted}:[`)];
      for (const item of items) {
        parts.push(parts.length === 1 ? before : between[change]);
        parts.push(change === 'put' ? item.row : Buffer.from(keyText(key, item)));
      }
      parts.push(after, listEnd);
      return unprocessedIn(cutList(await ask('BatchWriteItem', concatBytes(parts)), ['UnprocessedItems', name]).list);
    },
    async get(items) {
      const keys = items.map((item) => keyText(key, item)).join(',');
      const body = Buffer.from(`{"RequestItems":{${quoted}:{"Keys":[${keys}],"ConsistentRead":true}}}`);
      const { rest, list } = cutList(await ask('BatchGetItem', body), ['Responses', name]);
      return { list, left: leftIn(rest, name) };
    },
  };
}

interface GetAnswer {
  readonly Responses?: Readonly<Record<string, unknown>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly Json[] }>>;
}

/** An answer that does not name the table says nothing about what is there. */
function leftIn(rest: Uint8Array, name: string): Item[] {
  const { Responses, UnprocessedKeys } = JSON.parse(asBuffer(rest).toString('utf8')) as GetAnswer;
  const left = UnprocessedKeys?.[name]?.Keys ?? [];
  if (Responses?.[name] === undefined && left.length === 0)
    throw new HoldfastError('item.unreadable', `an answer to BatchGetItem does not name ${name}`);
  return left.map(itemFromJson);
}

const requests: Readonly<Record<Change, { readonly before: Buffer; readonly after: Buffer }>> = {
  put: { before: Buffer.from('{"PutRequest":{"Item":'), after: Buffer.from('}}') },
  delete: { before: Buffer.from('{"DeleteRequest":{"Key":'), after: Buffer.from('}}') },
};
const comma = Buffer.from(',');
const between: Readonly<Record<Change, Buffer>> = {
  put: Buffer.concat([requests.put.after, comma, requests.put.before]),
  delete: Buffer.concat([requests.delete.after, comma, requests.delete.before]),
};
const listEnd = Buffer.from(']}}');
