import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * A stand-in for S3, ours and not an emulator: fast enough that scale is measured and not the server. It knows one bucket
 * whose objects are generated from their keys, listing by version, GET, PUT and DELETE; everything else is "not set".
 */
interface Held {
  readonly size: number;
  readonly etag: string;
  readonly body?: Buffer;
}

const [count, bucket] = [Number(process.argv[2] ?? 200_000), 'scale'];
const objects = new Map<string, Held>();
for (let i = 0; i < count; i++) {
  const key = `folder-${String(Math.floor(i / 1000)).padStart(4, '0')}/object-${String(i).padStart(7, '0')}.json`;
  const body = bodyOf(key);
  objects.set(key, { size: body.length, etag: md5(body) });
}
let sorted = [...objects.keys()].sort();
let stale = false;

function bodyOf(key: string): Buffer {
  return Buffer.from(`{"key":"${key}","value":"${md5(Buffer.from(key)).repeat(8)}"}`);
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

function xml(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-bucket-region': 'us-east-1' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
}

function listVersions(query: URLSearchParams, response: ServerResponse): void {
  if (stale) {
    sorted = [...objects.keys()].sort();
    stale = false;
  }
  const after = query.get('key-marker') ?? query.get('start-after') ?? query.get('continuation-token') ?? '';
  const from = after === '' ? 0 : sorted.findIndex((key) => key > after);
  const keys = from < 0 ? [] : sorted.slice(from, from + 1000);
  const more = from >= 0 && from + 1000 < sorted.length;
  const versions = query.has('versions');
  const rows = keys.map((key) => {
    const { size, etag } = objects.get(key) as Held;
    const name = versions ? 'Version' : 'Contents';
    return `<${name}><Key>${key}</Key>${versions ? '<VersionId>null</VersionId><IsLatest>true</IsLatest>' : ''}<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></${name}>`;
  });
  const last = keys.at(-1) ?? '';
  const next = more
    ? versions
      ? `<NextKeyMarker>${last}</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker>`
      : `<NextContinuationToken>${last}</NextContinuationToken>`
    : '';
  const root = versions ? 'ListVersionsResult' : 'ListBucketResult';
  xml(
    response,
    200,
    `<${root}><Name>${bucket}</Name><IsTruncated>${more}</IsTruncated><KeyCount>${keys.length}</KeyCount><MaxKeys>1000</MaxKeys>${next}${rows.join('')}</${root}>`,
  );
}

function bucketCall(request: IncomingMessage, query: URLSearchParams, response: ServerResponse): void {
  if (request.method === 'PUT') return xml(response, 200, '');
  if (query.has('versions') || query.has('list-type')) return listVersions(query, response);
  if (query.has('location')) return xml(response, 200, '<LocationConstraint/>');
  if (query.has('versioning')) return xml(response, 200, '<VersioningConfiguration/>');
  if (query.has('acl'))
    return xml(
      response,
      200,
      '<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList/></AccessControlPolicy>',
    );
  if (request.method === 'HEAD') return xml(response, 200, '');
  xml(response, 501, '<Error><Code>NotImplemented</Code><Message>not in this stand-in</Message></Error>');
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://s3');
  const parts = decodeURIComponent(url.pathname).split('/');
  const key = parts.slice(2).join('/');
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'POST') {
      // The only service besides S3 that is asked: who am I.
      return xml(
        response,
        200,
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root</Arn><UserId>1</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
    }
    if (parts[1] === '' || parts[1] === undefined) {
      return xml(
        response,
        200,
        `<ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets><Bucket><Name>${bucket}</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>`,
      );
    }
    if (key === '') return bucketCall(request, url.searchParams, response);
    if (request.method === 'PUT') {
      const body = Buffer.concat(chunks);
      objects.set(key, { size: body.length, etag: md5(body), body });
      stale = true;
      response.writeHead(200, { etag: `"${md5(body)}"` });
      response.end();
      return;
    }
    if (request.method === 'DELETE') {
      objects.delete(key);
      stale = true;
      response.writeHead(204);
      response.end();
      return;
    }
    const held = objects.get(key);
    if (!held) return xml(response, 404, '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
    const body = held.body ?? bodyOf(key);
    response.writeHead(200, {
      etag: `"${held.etag}"`,
      'content-length': body.length,
      'content-type': 'application/json',
      'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address ? address.port : 0}\n`);
});
// Ends with whoever started it, however that ended.
process.stdin.on('end', () => process.exit(0)).resume();
