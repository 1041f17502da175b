import {
  CreateDistributionWithTagsCommand,
  CreateOriginAccessControlCommand,
  type CacheBehavior,
  type CloudFrontClient,
  type DistributionConfig,
  type Origin,
} from '@aws-sdk/client-cloudfront';
import { inParallel } from '../parallel.ts';
import { account, environmentsOf, homeRegion, type EstateSize, type SiteEnvironment } from '../sites.ts';

const atOnce = 8;
/** AWS's managed cache policies (CloudFront developer guide, "Use managed cache policies"). */
const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

const uses = [
  'www',
  'assets',
  'media',
  'api',
  'admin',
  'docs',
  'status',
  'img',
  'tickets',
  'partners',
  'preview',
] as const;
type Use = (typeof uses)[number];

/** Eleven distributions per site and environment: 66, and one origin access control for each of those. */
export async function seedCloudfront(cloudfront: CloudFrontClient, size: EstateSize): Promise<void> {
  const perEnvironment = size === 'full' ? uses : uses.slice(0, 3);
  const wanted = environmentsOf(size).flatMap((site) => perEnvironment.map((use) => ({ site, use })));
  await inParallel(atOnce, environmentsOf(size), (site) =>
    cloudfront.send(
      new CreateOriginAccessControlCommand({
        OriginAccessControlConfig: {
          Name: site.named('origin-access'),
          Description: `Signs requests to the buckets of ${site.site.name}`,
          SigningProtocol: 'sigv4',
          SigningBehavior: 'always',
          OriginAccessControlOriginType: 's3',
        },
      }),
    ),
  );
  await inParallel(atOnce, wanted, ({ site, use }) =>
    cloudfront.send(
      new CreateDistributionWithTagsCommand({
        DistributionConfigWithTags: {
          DistributionConfig: configurationOf(site, use),
          Tags: {
            Items: [
              { Key: 'Site', Value: site.site.name },
              { Key: 'Environment', Value: site.environment },
              { Key: 'Use', Value: use },
            ],
          },
        },
      }),
    ),
  );
}

/** Name of the distribution's certificate and aliases; staging has its own subdomain. */
function hostOf(site: SiteEnvironment, use: Use): string {
  return site.environment === 'prod' ? `${use}.${site.site.domain}` : `${use}.staging.${site.site.domain}`;
}

function configurationOf(site: SiteEnvironment, use: Use): DistributionConfig {
  const origins = originsOf(site, use);
  const behaviours = use === 'www' || use === 'api' ? behavioursOf(origins) : [];
  const host = hostOf(site, use);
  return {
    CallerReference: `seed-${site.named(use)}`,
    Comment: `${use} of ${site.site.name} (${site.environment})`,
    Enabled: use !== 'preview',
    PriceClass: site.environment === 'prod' ? 'PriceClass_All' : 'PriceClass_100',
    HttpVersion: 'http2and3',
    IsIPV6Enabled: true,
    DefaultRootObject: use === 'www' ? 'index.html' : '',
    Aliases: { Quantity: 1, Items: [host] },
    Origins: { Quantity: origins.length, Items: origins },
    DefaultCacheBehavior: {
      TargetOriginId: origins[0]?.Id,
      ViewerProtocolPolicy: 'redirect-to-https',
      Compress: true,
      AllowedMethods: { Quantity: 2, Items: ['HEAD', 'GET'], CachedMethods: { Quantity: 2, Items: ['HEAD', 'GET'] } },
      ...(use === 'status'
        ? {
            MinTTL: 0,
            DefaultTTL: 60,
            MaxTTL: 300,
            ForwardedValues: { QueryString: true, Cookies: { Forward: 'none' } },
          }
        : { CachePolicyId: use === 'api' ? cachingDisabled : cachingOptimized }),
    },
    CacheBehaviors: { Quantity: behaviours.length, Items: behaviours },
    CustomErrorResponses: {
      Quantity: 1,
      Items: [{ ErrorCode: 404, ResponseCode: '404', ResponsePagePath: '/errors/404.html', ErrorCachingMinTTL: 10 }],
    },
    Logging: {
      Enabled: use === 'www',
      IncludeCookies: false,
      Bucket: use === 'www' ? `${site.named('logs')}.s3.amazonaws.com` : '',
      Prefix: use === 'www' ? 'cdn/' : '',
    },
    ViewerCertificate: {
      ACMCertificateArn: `arn:aws:acm:${homeRegion}:${account}:certificate/${site.site.name}-${site.environment}`,
      SSLSupportMethod: 'sni-only',
      MinimumProtocolVersion: 'TLSv1.2_2021',
      CloudFrontDefaultCertificate: false,
    },
    Restrictions: {
      GeoRestriction:
        use === 'tickets'
          ? { RestrictionType: 'whitelist', Quantity: 2, Items: ['US', 'CA'] }
          : { RestrictionType: 'none', Quantity: 0 },
    },
  };
}

function originsOf(site: SiteEnvironment, use: Use): Origin[] {
  const bucket = (purpose: string): Origin => ({
    Id: purpose,
    DomainName: `${site.named(purpose)}.s3.us-east-1.amazonaws.com`,
    OriginPath: '',
    CustomHeaders: { Quantity: 0 },
    S3OriginConfig: { OriginAccessIdentity: '' },
  });
  const server = (name: string): Origin => ({
    Id: name,
    DomainName: `${name}.origin.${site.site.domain}`,
    OriginPath: name === 'api' ? '/v1' : '',
    CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'X-Origin-Use', HeaderValue: use }] },
    CustomOriginConfig: {
      HTTPPort: 80,
      HTTPSPort: 443,
      OriginProtocolPolicy: 'https-only',
      OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
      OriginReadTimeout: 30,
      OriginKeepaliveTimeout: 5,
    },
  });
  if (use === 'www') return [bucket('web'), bucket('assets'), bucket('media'), server('api'), server('search')];
  if (use === 'api') return [server('api'), server('search'), bucket('exports')];
  if (use === 'assets' || use === 'media') return [bucket(use)];
  return [bucket('web')];
}

function behavioursOf(origins: readonly Origin[]): CacheBehavior[] {
  return origins.slice(1).flatMap((origin) =>
    ['', '/private'].map((below) => ({
      PathPattern: `/${origin.Id}${below}/*`,
      TargetOriginId: origin.Id,
      ViewerProtocolPolicy: 'https-only' as const,
      Compress: below === '',
      CachePolicyId: cachingOptimized,
      AllowedMethods: {
        Quantity: 3,
        Items: ['HEAD', 'GET', 'OPTIONS'] as ('HEAD' | 'GET' | 'OPTIONS')[],
        CachedMethods: { Quantity: 2, Items: ['HEAD', 'GET'] as ('HEAD' | 'GET')[] },
      },
    })),
  );
}
