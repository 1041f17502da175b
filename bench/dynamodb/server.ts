import { createServer } from 'node:http';
import { crc32 } from 'node:zlib';
import { itemText, numberOf, tableKeys, type ItemKey } from './items.ts';
import { createTable, type NumberedTable, type ScanRequest } from './table.ts';

/**
 * DynamoDB as one number: `server.js ITEMS`. Ours, no emulator: it answers what a snapshot and a restore of tables ask of DynamoDB,
 * Application Auto Scaling and STS, computed from an item's number, so that neither its speed nor its memory limits what is
 * measured. Prints its port, and ends with whoever started it.
 */
const items = Number(process.argv[2]);
const account = '123456789012';
const tables = new Map<string, NumberedTable>();

interface Request extends ScanRequest {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

interface Put {
  readonly PutRequest: { readonly Item: ItemKey };
}

function description(name: string): string {
  return JSON.stringify({
    ...tableKeys,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    TableName: name,
    TableArn: `arn:aws:dynamodb:us-east-1:${account}:table/${name}`,
    TableStatus: 'ACTIVE',
    ItemCount: items,
    TableSizeBytes: items * 400,
  });
}

function written(requests: Readonly<Record<string, unknown>>): string {
  for (const [name, puts] of Object.entries(requests))
    for (const { PutRequest } of puts as readonly Put[]) tables.get(name)?.put(numberOf(PutRequest.Item));
  return '{"UnprocessedItems":{}}';
}

function read(requests: Readonly<Record<string, unknown>>): string {
  const found = Object.entries(requests).map(([name, wanted]) => {
    const numbers = (wanted as { readonly Keys: readonly ItemKey[] }).Keys.map(numberOf);
    return `"${name}":[${numbers
      .filter((number) => tables.get(name)?.has(number) === true)
      .map(itemText)
      .join(',')}]`;
  });
  return `{"Responses":{${found.join(',')}},"UnprocessedKeys":{}}`;
}

const missing = { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}' };

function answer(operation: string, request: Request): string | typeof missing {
  const { TableName: name = '', RequestItems: wanted = {} } = request;
  const table = tables.get(name);
  if (operation === 'ListTables') return JSON.stringify({ TableNames: [...tables.keys()] });
  if (operation === 'BatchWriteItem') return written(wanted);
  if (operation === 'BatchGetItem') return read(wanted);
  if (operation === 'CreateTable') tables.set(name, createTable(items));
  if (operation === 'DeleteTable') tables.delete(name);
  if (operation === 'CreateTable' || operation === 'DeleteTable') return `{"TableDescription":${description(name)}}`;
  if (operation === 'DescribeTable') return table === undefined ? missing : `{"Table":${description(name)}}`;
  if (operation === 'Scan') return table?.scan(request) ?? missing;
  // Everything else is a setting, and none is set.
  if (operation === 'DescribeTimeToLive') return '{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}';
  return '{}';
}

const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    const text = Buffer.concat(pieces).toString('utf8');
    const said = operation === undefined ? identity : answer(operation, JSON.parse(text) as Request);
    const { status, body } = typeof said === 'string' ? { status: 200, body: said } : said;
    const bytes = Buffer.from(body, 'latin1');
    response.writeHead(status, {
      'content-type': operation === undefined ? 'text/xml' : 'application/x-amz-json-1.0',
      'content-length': bytes.length,
      'x-amz-crc32': crc32(bytes),
    });
    response.end(bytes);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address ? address.port : 0}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
