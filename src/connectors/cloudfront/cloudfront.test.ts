import { CloudFront, type DistributionConfig } from '@aws-sdk/client-cloudfront';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxy, startMinistack, startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import type { Emulator, FaultProxy } from '../../../test/emulators/index.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { captureAll, conformanceContext, discoverAll } from '../conformance.ts';
import { connector } from './index.ts';

const region = 'us-east-1';
const originSecret = 'shared-with-the-origin-only';
let moto: Emulator;
let proxy: FaultProxy;
let putBack: () => void;
let client: CloudFront;

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startFaultProxy(moto.endpoint);
  putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { cloudfront: proxy.endpoint } });
  client = new CloudFront({ region });
  await seed();
});
afterAll(async () => {
  putBack();
  await proxy.stop();
  await moto.stop();
});

function configuration(reference: string, change: Partial<DistributionConfig> = {}): DistributionConfig {
  return {
    CallerReference: reference,
    Comment: `site ${reference}`,
    Enabled: true,
    Origins: {
      Quantity: 1,
      Items: [{ Id: 'site', DomainName: 'site.s3.amazonaws.com', S3OriginConfig: { OriginAccessIdentity: '' } }],
    },
    DefaultCacheBehavior: {
      TargetOriginId: 'site',
      ViewerProtocolPolicy: 'redirect-to-https',
      ForwardedValues: { QueryString: false, Cookies: { Forward: 'none' } },
      MinTTL: 0,
    },
    ...change,
  };
}

async function createDistribution(config: DistributionConfig): Promise<string> {
  const Tags = { Items: [{ Key: 'site', Value: config.CallerReference ?? '' }] };
  const made = await client.createDistributionWithTags({
    DistributionConfigWithTags: { DistributionConfig: config, Tags },
  });
  return made.Distribution?.Id ?? '';
}

async function seed(): Promise<void> {
  await createDistribution(
    configuration('rich', {
      Aliases: { Quantity: 2, Items: ['www.example.com', 'example.com'] },
      Origins: {
        Quantity: 1,
        Items: [
          {
            Id: 'site',
            DomainName: 'origin.example.com',
            CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'X-Origin-Verify', HeaderValue: originSecret }] },
            CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' },
          },
        ],
      },
    }),
  );
  for (let i = 0; i < 2; i++) await createDistribution(configuration(`plain-${i}`));
  await client.createOriginAccessControl({
    OriginAccessControlConfig: {
      Name: 'site',
      SigningProtocol: 'sigv4',
      SigningBehavior: 'always',
      OriginAccessControlOriginType: 's3',
    },
  });
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const EncodedKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const key = await client.createPublicKey({
    PublicKeyConfig: { CallerReference: 'k', Name: 'signing', EncodedKey },
  });
  await client.createKeyGroup({ KeyGroupConfig: { Name: 'signers', Items: [key.PublicKey?.Id ?? ''] } });
}

describe('cloudfront: capture', () => {
  it('holds the whole configuration, tags and shared parts, read back by the SDK', async () => {
    const { context } = conformanceContext({}, region, 'global');
    const all = await captureAll(connector, context);
    expect(all.size).toBe(4);
    const listed = (await client.listDistributions({})).DistributionList?.Items ?? [];
    for (const { Id = '' } of listed) {
      const captured = all.get(Id)?.captured;
      const { DistributionConfig: live, ETag } = await client.getDistributionConfig({ Id });
      expect(await captured?.json('', 'config.json')).toMatchObject({
        CallerReference: live?.CallerReference,
        Comment: live?.Comment,
        DefaultCacheBehavior: { TargetOriginId: 'site' },
      });
      expect((await captured?.entry('', 'config.json'))?.attributes['etag']).toBe(ETag);
      expect(await captured?.json('', 'tags.json')).toEqual({ site: live?.CallerReference });
      expect(captured?.ledger.map((note) => note.what)).toContain('distribution id and domain name');
    }
    const account = all.get('account')?.captured;
    const folders: string[] = [];
    for await (const entry of account?.entries('') ?? [])
      folders.push(Buffer.from(entry.key).toString().replace(/\/.*/, ''));
    expect(folders).toEqual(['key-groups', 'origin-access-controls', 'public-keys']);
    expect(account?.ledger.map((note) => [note.what, note.count])).toEqual([['private keys of key groups', 1]]);
  });

  it('keeps the values of origin headers in a secret entry only', async () => {
    const { context } = conformanceContext({}, region, 'global');
    const rich = (await discoverAll(connector, context)).find(({ tags }) => tags['site'] === 'rich');
    const captured = (await captureAll(connector, context)).get(rich?.ref.name ?? '')?.captured;
    expect(JSON.stringify(rich)).not.toContain(originSecret);
    for await (const entry of captured?.entries('') ?? []) {
      const content = Buffer.from((await captured?.bytes(entry)) ?? []).toString();
      expect([Buffer.from(entry.key).toString(), content.includes(originSecret)]).toEqual([
        Buffer.from(entry.key).toString(),
        entry.secret,
      ]);
    }
    expect(await captured?.json('', 'origin-headers.json')).toEqual({ site: { 'X-Origin-Verify': originSecret } });
    expect(await captured?.json('', 'config.json')).toMatchObject({
      Aliases: { Items: ['example.com', 'www.example.com'] },
      Origins: { Items: [{ CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'X-Origin-Verify' }] } }] },
    });
  });

  it('loses one item to one denied call, and no other', async () => {
    const { context } = conformanceContext({}, region, 'global');
    const [denied = ''] = (await discoverAll(connector, context)).map(({ ref }) => ref.name).slice(1);
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes(`/distribution/${denied}/config`) });
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('/origin-access-control') });
    const all = await captureAll(connector, context);
    proxy.clearFaults();
    const failures = [...all].flatMap(([name, { failures }]) => failures.map(({ code }) => [name, code]));
    expect(failures).toEqual([
      ['account', 'item.denied'],
      [denied, 'item.denied'],
    ]);
    expect(await all.get(denied)?.captured.json('', 'tags.json')).toBeDefined();
  });

  it('says which lists the endpoint does not have, as no failure', async () => {
    const events: HoldfastEvent[] = [];
    const { context } = conformanceContext({}, region, 'global');
    await captureAll(connector, { ...context, events: (event) => events.push(event) });
    expect(JSON.stringify(events)).toContain('does not list anycast-ip-lists, cache-policies');
  });

  it('finds a distribution whose tags are denied, and reports the tags', async () => {
    const { context } = conformanceContext({}, region, 'global');
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('/tagging') });
    const found = await discoverAll(connector, context);
    expect(found.length).toBe(4);
    const all = await captureAll(connector, context);
    proxy.clearFaults();
    expect([...all.values()].flatMap((r) => r.failures).length).toBe(3);
  });
});

describe('cloudfront: what distributions share', () => {
  it('is captured with the code of functions in both stages (MiniStack)', async () => {
    const ministack = await startMinistack();
    const back = useEndpoints({ all: 'http://127.0.0.1:9', services: { cloudfront: ministack.endpoint } });
    try {
      const client = new CloudFront({ region });
      const made = await client.createFunction({
        Name: 'rewrite',
        FunctionConfig: { Comment: 'adds index.html', Runtime: 'cloudfront-js-2.0' },
        FunctionCode: Buffer.from('function handler(event) { return event.request; }'),
      });
      // The emulator has one code for both stages; that each stage is asked for is what can be seen.
      await client.publishFunction({ Name: 'rewrite', IfMatch: made.ETag });
      await client.createCachePolicy({ CachePolicyConfig: { Name: 'long', MinTTL: 60 } });
      await client.createKeyValueStore({ Name: 'redirects' });
      const { context } = conformanceContext({}, region, 'global');
      const first = await captureAll(connector, context);
      const account = first.get('account');
      const keys: string[] = [];
      for await (const entry of account?.captured.entries('') ?? []) keys.push(Buffer.from(entry.key).toString());
      expect(account?.failures).toEqual([]);
      expect(keys.filter((key) => key.startsWith('functions/'))).toEqual([
        'functions/rewrite/DEVELOPMENT.js',
        'functions/rewrite/DEVELOPMENT.json',
        'functions/rewrite/LIVE.js',
        'functions/rewrite/LIVE.json',
      ]);
      const code = async (stage: string): Promise<string> => {
        const entry = await account?.captured.entry('', `functions/rewrite/${stage}.js`);
        return entry && account ? Buffer.from(await account.captured.bytes(entry)).toString() : '';
      };
      for (const stage of ['LIVE', 'DEVELOPMENT'])
        expect(await code(stage)).toBe('function handler(event) { return event.request; }');
      expect(keys.some((key) => key.startsWith('cache-policies/'))).toBe(true);
      expect(keys.some((key) => key === 'key-value-stores/redirects.json')).toBe(true);
      const second = await captureAll(connector, context, first);
      expect(second.get('account')?.dump()).toEqual(account?.dump());
      expect(second.get('account')?.loadedAgain).toBe(0);
    } finally {
      back();
      await ministack.stop();
    }
  });
});

/**
 * Ours, not an emulator: moto answers ListDistributions with everything at once. This cuts its answer into pages, by the
 * rules of the API: `Marker` in, `IsTruncated` and `NextMarker` out.
 */
async function startPaging(
  target: string,
  size: number,
): Promise<{ endpoint: string; pages: number[]; close(): void }> {
  const pages: number[] = [];
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', target);
    const headers = { authorization: String(incoming.headers.authorization) };
    const answer = await fetch(url, { headers });
    const text = await answer.text();
    outgoing.writeHead(answer.status, { 'content-type': 'text/xml' });
    outgoing.end(url.pathname.endsWith('/distribution') ? cut(text, url.searchParams.get('Marker')) : text);
  }
  function cut(text: string, marker: string | null): string {
    const items = text.match(/<DistributionSummary>.*?<\/DistributionSummary>/gs) ?? [];
    const ids = items.map((item) => /<Id>([^<]+)<\/Id>/.exec(item)?.[1] ?? '');
    const from = marker === null ? 0 : ids.indexOf(marker) + 1;
    const page = items.slice(from, from + size);
    pages.push(page.length);
    const more = from + size < items.length;
    const next = more ? `<NextMarker>${ids[from + size - 1]}</NextMarker>` : '';
    return `<DistributionList><IsTruncated>${more}</IsTruncated>${next}<Items>${page.join('')}</Items></DistributionList>`;
  }
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, pages, close: () => void server.close() };
}

describe('cloudfront: paging', () => {
  it('finds every distribution of every page, once', async () => {
    const paging = await startPaging(moto.endpoint, 20);
    const back = useEndpoints({ all: 'http://127.0.0.1:9', services: { cloudfront: paging.endpoint } });
    try {
      // The estate this is built for has 66 distributions.
      for (let i = 2; i < 66; i++) await createDistribution(configuration(`plain-${i}`));
      const { context } = conformanceContext({}, region, 'global');
      const names = (await discoverAll(connector, context)).map(({ ref }) => ref.name);
      expect(paging.pages).toEqual([20, 20, 20, 7]);
      expect(new Set(names).size).toBe(68);
    } finally {
      back();
      paging.close();
    }
  });
});
