import type { CloudFront, DistributionConfig } from '@aws-sdk/client-cloudfront';
import { generateKeyPairSync } from 'node:crypto';
import { optional } from '../aws/classify.ts';

export const originSecret = 'shared-with-the-origin-only';

/** One of every shared kind that is restored, a distribution that refers to all of them, and a plain one; returns their ids. */
export async function seedAll(client: CloudFront): Promise<{ rich: string; plain: string }> {
  const control = await client.createOriginAccessControl({
    OriginAccessControlConfig: {
      Name: 'site',
      SigningProtocol: 'sigv4',
      SigningBehavior: 'always',
      OriginAccessControlOriginType: 's3',
    },
  });
  const identity = await client.createCloudFrontOriginAccessIdentity({
    CloudFrontOriginAccessIdentityConfig: { CallerReference: 'i', Comment: 'old buckets' },
  });
  const cache = await client.createCachePolicy({
    CachePolicyConfig: { Name: 'long', MinTTL: 60, Comment: 'a minute' },
  });
  const request = await client.createOriginRequestPolicy({
    OriginRequestPolicyConfig: {
      Name: 'all',
      HeadersConfig: { HeaderBehavior: 'whitelist', Headers: { Quantity: 1, Items: ['Accept'] } },
      CookiesConfig: { CookieBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'all' },
    },
  });
  const headers = await client.createResponseHeadersPolicy({
    ResponseHeadersPolicyConfig: {
      Name: 'safe',
      SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
    },
  });
  const keys: string[] = [];
  for (const Name of ['signing', 'signing-next']) {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const EncodedKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const made = await client.createPublicKey({ PublicKeyConfig: { CallerReference: Name, Name, EncodedKey } });
    keys.push(made.PublicKey?.Id ?? '');
  }
  const group = await client.createKeyGroup({ KeyGroupConfig: { Name: 'signers', Items: keys.slice(0, 1) } });
  const store = await client.createKeyValueStore({ Name: 'redirects', Comment: 'old paths' });
  const FunctionConfig = {
    Comment: 'adds index.html',
    Runtime: 'cloudfront-js-2.0' as const,
    KeyValueStoreAssociations: { Quantity: 1, Items: [{ KeyValueStoreARN: store.KeyValueStore?.ARN }] },
  };
  const made = await client.createFunction({ Name: 'rewrite', FunctionConfig, FunctionCode: Buffer.from('live code') });
  await client.publishFunction({ Name: 'rewrite', IfMatch: made.ETag });
  await client.updateFunction({
    Name: 'rewrite',
    IfMatch: made.ETag,
    FunctionConfig,
    FunctionCode: Buffer.from('next code'),
  });
  const log = await client.createRealtimeLogConfig({
    Name: 'requests',
    SamplingRate: 10,
    Fields: ['timestamp', 'c-ip'],
    EndPoints: [
      {
        StreamType: 'Kinesis',
        KinesisStreamConfig: {
          RoleARN: 'arn:aws:iam::123456789012:role/logs',
          StreamARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/logs',
        },
      },
    ],
  });
  const rich = await createDistribution(client, {
    ...plainConfiguration('rich'),
    Aliases: { Quantity: 2, Items: ['www.example.com', 'example.com'] },
    ViewerCertificate: {
      ACMCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0d1c2b3a-1111-2222-3333-444455556666',
      SSLSupportMethod: 'sni-only',
      MinimumProtocolVersion: 'TLSv1.2_2021',
    },
    Origins: {
      Quantity: 2,
      Items: [
        {
          Id: 'site',
          DomainName: 'site.s3.amazonaws.com',
          OriginAccessControlId: control.OriginAccessControl?.Id,
          S3OriginConfig: {
            OriginAccessIdentity: `origin-access-identity/cloudfront/${identity.CloudFrontOriginAccessIdentity?.Id}`,
          },
        },
        {
          Id: 'api',
          DomainName: 'origin.example.com',
          CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'X-Origin-Verify', HeaderValue: originSecret }] },
          CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' },
        },
      ],
    },
    DefaultCacheBehavior: {
      TargetOriginId: 'site',
      ViewerProtocolPolicy: 'redirect-to-https',
      CachePolicyId: cache.CachePolicy?.Id,
      OriginRequestPolicyId: request.OriginRequestPolicy?.Id,
      ResponseHeadersPolicyId: headers.ResponseHeadersPolicy?.Id,
      RealtimeLogConfigArn: log.RealtimeLogConfig?.ARN,
      TrustedKeyGroups: { Enabled: true, Quantity: 1, Items: [group.KeyGroup?.Id ?? ''] },
      FunctionAssociations: {
        Quantity: 1,
        Items: [{ EventType: 'viewer-request', FunctionARN: 'arn:aws:cloudfront::123456789012:function/rewrite' }],
      },
    },
  });
  await client.createMonitoringSubscription({
    DistributionId: rich,
    MonitoringSubscription: {
      RealtimeMetricsSubscriptionConfig: { RealtimeMetricsSubscriptionStatus: 'Enabled' },
    },
  });
  return { rich, plain: await createDistribution(client, plainConfiguration('plain')) };
}

export function plainConfiguration(reference: string): DistributionConfig {
  return {
    CallerReference: reference,
    Comment: `site ${reference}`,
    Enabled: true,
    Origins: {
      Quantity: 1,
      Items: [
        { Id: 'site', DomainName: `${reference}.s3.amazonaws.com`, S3OriginConfig: { OriginAccessIdentity: '' } },
      ],
    },
    DefaultCacheBehavior: {
      TargetOriginId: 'site',
      ViewerProtocolPolicy: 'redirect-to-https',
      ForwardedValues: { QueryString: false, Cookies: { Forward: 'none' } },
      MinTTL: 0,
    },
  };
}

export async function createDistribution(client: CloudFront, config: DistributionConfig): Promise<string> {
  const Tags = { Items: [{ Key: 'site', Value: config.CallerReference ?? '' }] };
  const made = await client.createDistributionWithTags({
    DistributionConfigWithTags: { DistributionConfig: config, Tags },
  });
  return made.Distribution?.Id ?? '';
}

/** As the console does it: disabled, then deleted. */
export async function deleteDistribution(client: CloudFront, Id: string): Promise<void> {
  const { DistributionConfig, ETag } = await client.getDistributionConfig({ Id });
  const disabled = { ...(DistributionConfig as DistributionConfig), Enabled: false };
  const updated = await client.updateDistribution({ Id, IfMatch: ETag, DistributionConfig: disabled });
  await client.deleteDistribution({ Id, IfMatch: updated.ETag });
}

/** Everything that is restored, by the SDK alone; without references, ETags and dates. */
export async function readAll(client: CloudFront): Promise<unknown> {
  const found: unknown[] = [];
  for (const { Id = '', ARN, DomainName } of (await client.listDistributions({})).DistributionList?.Items ?? []) {
    const { DistributionConfig } = await client.getDistributionConfig({ Id });
    const { CallerReference: _, ...config } = DistributionConfig as DistributionConfig;
    const tags = (await client.listTagsForResource({ Resource: ARN })).Tags?.Items ?? [];
    const monitoring = await optional(
      client.getMonitoringSubscription({ DistributionId: Id }),
      'GetMonitoringSubscription',
      Id,
      'NoSuchMonitoringSubscription',
      404,
    );
    found.push([
      Id,
      DomainName,
      sorted(config),
      tags.map(({ Key, Value }) => `${Key}=${Value}`).sort(),
      monitoring?.MonitoringSubscription ?? null,
    ]);
  }
  found.sort((a, b) => (JSON.stringify((a as unknown[])[2]) < JSON.stringify((b as unknown[])[2]) ? -1 : 1));
  const shared = [
    (await client.listOriginAccessControls({})).OriginAccessControlList?.Items,
    (await client.listCloudFrontOriginAccessIdentities({})).CloudFrontOriginAccessIdentityList?.Items,
    (await client.listCachePolicies({ Type: 'custom' })).CachePolicyList?.Items,
    (await client.listOriginRequestPolicies({ Type: 'custom' })).OriginRequestPolicyList?.Items,
    (await client.listResponseHeadersPolicies({ Type: 'custom' })).ResponseHeadersPolicyList?.Items,
    (await client.listPublicKeys({})).PublicKeyList?.Items,
    (await client.listKeyGroups({})).KeyGroupList?.Items,
    (await client.listKeyValueStores({})).KeyValueStoreList?.Items,
    (await client.listRealtimeLogConfigs({})).RealtimeLogConfigs?.Items,
  ].map((items) => [...(items ?? [])].map((item) => sorted(item)).sort((a, b) => (nameIn(a) < nameIn(b) ? -1 : 1)));
  const functions: unknown[] = [];
  for (const Stage of ['DEVELOPMENT', 'LIVE'] as const)
    for (const { Name = '', FunctionConfig } of (await client.listFunctions({ Stage })).FunctionList?.Items ?? []) {
      const { FunctionCode } = await client.getFunction({ Name, Stage });
      functions.push([Stage, Name, FunctionConfig, Buffer.from(FunctionCode ?? []).toString()]);
    }
  return [found, shared, functions];
}

/** Without order, which says nothing in lists of words and in objects. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const list = value.map(sorted);
    return list.every((one) => typeof one === 'string') ? list.sort() : list;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function nameIn(item: unknown): string {
  return /"Name":"([^"]+)"/.exec(JSON.stringify(item))?.[1] ?? '';
}
