import { createHash } from 'node:crypto';
import { bucket, generationOf, xml, type Answer, type EstateState } from './state.ts';

const pageSize = 1000;
const written = '2026-01-01T00:00:00.000Z';

/** One bucket that was never versioned. Keys ascend with their numbers; nothing is held for an object. */
export function s3(state: EstateState, method: string, path: string, query: URLSearchParams): Answer {
  const [name = '', ...rest] = path.split('/').slice(1);
  const key = decodeURIComponent(rest.join('/'));
  if (name === '') {
    const entry = `<Bucket><Name>${bucket}</Name><CreationDate>${written}</CreationDate><BucketRegion>us-east-1</BucketRegion></Bucket>`;
    return xml(
      'ListBuckets',
      `<ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets>${entry}</Buckets></ListAllMyBucketsResult>`,
    );
  }
  if (key !== '') return object(state, method, key);
  if (query.has('list-type')) return listing(state, query);
  const asked = [...query.keys()].find((parameter) => parameter !== 'x-id') ?? 'bucket';
  const operation = `${method}Bucket?${asked}`;
  if (asked === 'location') return xml(operation, '<LocationConstraint/>');
  if (asked === 'versioning') return xml(operation, '<VersioningConfiguration/>');
  if (asked === 'acl')
    return xml(operation, '<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList/></AccessControlPolicy>');
  return xml(operation, '<Error><Code>NotImplemented</Code><Message>not in this server</Message></Error>', 501);
}

function keyOf(number: number): string {
  const folder = String(Math.floor(number / pageSize)).padStart(5, '0');
  return `folder-${folder}/object-${String(number).padStart(8, '0')}.json`;
}

function bodyOf(state: EstateState, number: number): Buffer {
  const key = keyOf(number);
  const filler = createHash('md5')
    .update(`${key} ${generationOf(state, number)}`)
    .digest('hex');
  return Buffer.from(`{"key":"${key}","value":"${filler.repeat(4)}"}`);
}

function etagOf(body: Buffer): string {
  return createHash('md5').update(body).digest('hex');
}

function listing(state: EstateState, query: URLSearchParams): Answer {
  const from = Number(query.get('continuation-token') ?? 0);
  const to = Math.min(from + pageSize, state.objects);
  let rows = '';
  for (let number = from; number < to; number++) {
    const body = bodyOf(state, number);
    rows += `<Contents><Key>${keyOf(number)}</Key><LastModified>${written}</LastModified><ETag>&quot;${etagOf(body)}&quot;</ETag><Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  }
  const more = to < state.objects;
  const next = more ? `<NextContinuationToken>${to}</NextContinuationToken>` : '';
  return xml(
    'ListObjectsV2',
    `<ListBucketResult><Name>${bucket}</Name><IsTruncated>${more}</IsTruncated><KeyCount>${to - from}</KeyCount><MaxKeys>${pageSize}</MaxKeys>${next}${rows}</ListBucketResult>`,
  );
}

function object(state: EstateState, method: string, key: string): Answer {
  const operation = method === 'HEAD' ? 'HeadObject' : 'GetObject';
  const number = Number(/object-(\d+)\.json$/.exec(key)?.[1] ?? NaN);
  if (method !== 'GET' || !(number < state.objects))
    return xml(operation, '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>', 404);
  const body = bodyOf(state, number);
  const headers = {
    etag: `"${etagOf(body)}"`,
    'content-type': 'application/json',
    'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
  };
  return { operation, headers, body };
}
