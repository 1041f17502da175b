import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

/** What happens to one call instead of what it asks for. `wrong-crc` and `lost-answer`: it is done, and the answer does not say so. */
export type CallFault = 'throttle' | 'error500' | 'reset' | 'reset-inside' | 'wrong-crc' | 'lost-answer' | 'denied';

export interface StrictTable {
  readonly endpoint: string;
  /** What is in the table, by key. */
  readonly items: Map<string, unknown>;
  /** How often each key was put. */
  readonly puts: Map<string, number>;
  /** Of each call for items: what it was, and how many items it asked for. */
  readonly calls: { readonly operation: string; readonly items: number }[];
  /** Faults of the next calls of an operation, one each; undefined: none. */
  readonly faults: Map<string, (CallFault | undefined)[]>;
  /** How many of so many items are let through; the rest is left unprocessed, and if that is all, the call is throttled. */
  admit: (operation: string, items: number) => number;
  stop(): Promise<void>;
}

interface Put {
  readonly PutRequest: { readonly Item: Item };
}

interface Item {
  readonly id: { readonly S: string };
}

interface Request {
  readonly Limit?: number;
  readonly RequestItems?: Readonly<Record<string, readonly Put[] | { readonly Keys: readonly Item[] }>>;
}

/** As DescribeTable tells it, and as a snapshot holds the part of it that matters here. */
export const description = {
  TableName: 'orders',
  TableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders',
  TableStatus: 'ACTIVE',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
};

/**
 * DynamoDB as one table `orders` with the key `id`, over real sockets: what emulators do not do, checksums, capacity and broken
 * connections, is what it is for. Requests that are not signed are refused.
 */
export async function startStrictTable(): Promise<StrictTable> {
  const items = new Map<string, unknown>();
  const puts = new Map<string, number>();
  const calls: { operation: string; items: number }[] = [];
  const faults = new Map<string, (CallFault | undefined)[]>();

  function answer(operation: string, { RequestItems = {}, Limit }: Request): object | undefined {
    if (operation === 'DescribeTable') return { Table: description };
    if (operation === 'Scan') return { Items: [...items.values()].slice(0, Limit), Count: items.size };
    const [table = '', asked] = Object.entries(RequestItems)[0] ?? [];
    if (asked === undefined) return {};
    const wanted: readonly (Put | Item)[] = 'Keys' in asked ? asked.Keys : asked;
    calls.push({ operation, items: wanted.length });
    const admitted = started.admit(operation, wanted.length);
    if (admitted === 0) return undefined;
    const left = wanted.slice(admitted);
    if ('Keys' in asked) {
      const found = asked.Keys.slice(0, admitted).flatMap(({ id }) => items.get(id.S) ?? []);
      return {
        Responses: { [table]: found },
        UnprocessedKeys: left.length > 0 ? { [table]: { Keys: left, ConsistentRead: true } } : {},
      };
    }
    for (const { PutRequest } of asked.slice(0, admitted)) {
      const key = PutRequest.Item.id.S;
      items.set(key, PutRequest.Item);
      puts.set(key, (puts.get(key) ?? 0) + 1);
    }
    return { UnprocessedItems: left.length > 0 ? { [table]: left } : {} };
  }
  function say(response: ServerResponse, status: number, body: object, fault?: CallFault): void {
    const bytes = Buffer.from(JSON.stringify(body));
    const checksum = crc32(bytes) ^ (fault === 'wrong-crc' ? 1 : 0);
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': bytes.length,
      'x-amz-crc32': checksum >>> 0,
    });
    response.end(bytes);
  }
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const fault = faults.get(operation)?.shift();
    const pieces: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (piece: Buffer) => {
      pieces.push(piece);
      if (fault === 'reset-inside') request.socket.resetAndDestroy();
    });
    request.on('end', () => {
      const signed = /^AWS4-HMAC-SHA256 Credential=test\/\d+\/us-east-1\/dynamodb\//.test(
        String(request.headers['authorization']),
      );
      if (fault === 'reset' || fault === 'reset-inside') return void request.socket.resetAndDestroy();
      if (!signed || fault === 'denied') return say(response, 400, { __type: 'AccessDeniedException', message: 'no' });
      if (fault === 'error500') return say(response, 500, { __type: 'InternalServerError', message: 'again' });
      if (fault === 'throttle') return say(response, 400, throttled);
      const body = answer(operation, JSON.parse(Buffer.concat(pieces).toString('utf8')) as Request);
      if (fault === 'lost-answer') return void request.socket.resetAndDestroy();
      if (body === undefined) return say(response, 400, throttled);
      say(response, 200, body, fault);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const started: StrictTable = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    items,
    puts,
    calls,
    faults,
    admit: (_, count) => count,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  return started;
}

const throttled = {
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded',
};
