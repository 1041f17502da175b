import type { DynamoDB, ScanCommandInput, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { crc32 } from 'node:zlib';
import { asBuffer } from '../../../kernel/bytes.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import { cutList, type CutAnswer } from './cut-list.ts';

/** One page of a scan, its items still as they came. */
export interface RawPage extends Omit<ScanCommandOutput, 'Items'> {
  /** What stood between the brackets of `Items`. */
  readonly list: Uint8Array;
}

interface Answer {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    body: unknown;
  };
}

/**
 * Scan by the SDK, which never gets to see the items: it would make values of them, and walk them once more for a log that nobody
 * keeps. The answer's bytes are compared with the checksum that DynamoDB sends along, which the SDK does not do; one that differs
 * is asked for again, as other broken answers are. Throws what the SDK throws, and item.damaged.
 */
export async function scanRows(client: DynamoDB, input: ScanCommandInput, resource: string): Promise<RawPage> {
  const { ScanCommand } = await import('@aws-sdk/client-dynamodb');
  const command = new ScanCommand(input);
  let list: Uint8Array = new Uint8Array(0);
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result as unknown as Answer;
      if (response.statusCode !== 200) return result;
      const body = await collect(response.body as AsyncIterable<Uint8Array>);
      const cut = readable(body, response.headers['x-amz-crc32'], resource);
      list = cut.list;
      response.body = cut.rest;
      return result;
    },
    // Next to the connection: within the attempts of the SDK, and before it reads the answer.
    { step: 'deserialize', priority: 'low', name: 'holdfastRows' },
  );
  const page = await client.send(command);
  return { ...page, list };
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return pieces.length === 1 ? asBuffer(pieces[0] as Uint8Array) : Buffer.concat(pieces);
}

function readable(body: Uint8Array, checksum: string | undefined, resource: string): CutAnswer {
  try {
    if (checksum === undefined || Number(checksum) === crc32(body)) return cutList(body, ['Items']);
    throw new HoldfastError('item.damaged', `an answer to Scan of ${resource} differs from its checksum`, { resource });
  } catch (error) {
    // The SDK tries again what says of itself that it may be tried again.
    throw Object.assign(error as Error, { $retryable: {} });
  }
}
