import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useEndpoints } from '../../../test/emulators/index.ts';
import { conformanceContext } from '../conformance.ts';
import { openBucket } from './bucket.ts';
import { connector } from './index.ts';
import { listKeys, type ListedKey } from './listing.ts';

/** Answers as AWS does and moto does not: one sequence of versions and delete markers, all of one second, keys escaped. */
const second = '<LastModified>2026-11-01T10:00:00.000Z</LastModified>';
function version(key: string, id: string, latest = false): string {
  const facts = `<ETag>"${'0'.repeat(32)}"</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass>`;
  return `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${latest}</IsLatest>${second}${facts}</Version>`;
}
function marker(key: string, id: string, latest = false): string {
  return `<DeleteMarker><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${latest}</IsLatest>${second}</DeleteMarker>`;
}
const pages: Readonly<Record<string, string>> = {
  '': `<IsTruncated>true</IsTruncated><NextKeyMarker>b+c%0A</NextKeyMarker><NextVersionIdMarker>4</NextVersionIdMarker>
    ${version('a%2Bb', '1', true)}${marker('b+c%0A', '6', true)}${version('b+c%0A', '5')}${marker('b+c%0A', '4')}`,
  'b c\n 4': `<IsTruncated>false</IsTruncated>${marker('b+c%0A', '3')}${version('b+c%0A', '2')}${version('%C3%BC', '1', true)}`,
};

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const at = [query.get('key-marker'), query.get('version-id-marker')].filter((part) => part !== null).join(' ');
  const body = `<ListVersionsResult><EncodingType>url</EncodingType>${pages[at] ?? ''}</ListVersionsResult>`;
  response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
});
let putBack: () => void;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  putBack = useEndpoints({ all: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterAll(() => {
  putBack();
  server.closeAllConnections();
  server.close();
});

describe('listing versions', () => {
  it('keeps the order of versions and delete markers of one second, over pages, with escaped keys', async () => {
    const { context } = conformanceContext(connector.options.parse({}), 'us-east-1', 'global');
    const keys: ListedKey[] = [];
    const bucket = await openBucket(context, 'bucket', 'us-east-1');
    for await (const key of listKeys(bucket, { versions: true })) keys.push(key);
    expect(keys.map(({ key }) => key)).toEqual(['a+b', 'b c\n', 'ü']);
    expect(keys[1]?.versions.map(({ kind, versionId }) => `${kind} ${versionId}`)).toEqual([
      'marker 6',
      'object 5',
      'marker 4',
      'marker 3',
      'object 2',
    ]);
  });
});
