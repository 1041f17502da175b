import type { BatchGetItemCommand, BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { crc32 } from 'node:zlib';
import { asBuffer } from '../../../kernel/bytes.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import { cutList, type CutAnswer } from './cut-list.ts';

export interface ListOfItems {
  /** `Scan`, for people. */
  readonly operation: string;
  readonly resource: string;
  /** Where the list stands in the answer: `['Items']`. */
  readonly names: readonly string[];
}

interface Answer {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    body: unknown;
  };
}

/**
 * Takes the items out of the command's answer before the SDK gets to see them: it would make values of them. Returns what stood
 * between the list's brackets, once the command was sent. The answer's bytes are compared with the checksum that DynamoDB sends
 * along, which the SDK does not do; one that differs, or is not whole, is asked for again. In the end it is item.damaged or
 * item.unreadable.
 */
export function takeList(
  command: ScanCommand | BatchGetItemCommand | BatchWriteItemCommand,
  where: ListOfItems,
): () => Uint8Array {
  let list: Uint8Array = new Uint8Array(0);
  (command as ScanCommand).middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result as unknown as Answer;
      if (response.statusCode !== 200) return result;
      const body = await collect(response.body as AsyncIterable<Uint8Array>);
      const cut = checked(body, response.headers['x-amz-crc32'], where);
      list = cut.list;
      response.body = cut.rest;
      return result;
    },
    // Next to the connection: within the attempts of the SDK, and before it reads the answer.
    { step: 'deserialize', priority: 'low', name: 'holdfastRows' },
  );
  return () => list;
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return pieces.length === 1 ? asBuffer(pieces[0] as Uint8Array) : Buffer.concat(pieces);
}

function checked(body: Uint8Array, checksum: string | undefined, where: ListOfItems): CutAnswer {
  const { operation, resource, names } = where;
  try {
    if (checksum === undefined || Number(checksum) === crc32(body)) return cutList(body, names);
    const what = `an answer to ${operation} of ${resource} differs from its checksum`;
    throw new HoldfastError('item.damaged', what, { resource });
  } catch (error) {
    // The SDK tries again what says of itself that it may be tried again.
    throw Object.assign(error as Error, { $retryable: {} });
  }
}
