import type { ResourceRecordSet, RRType } from '@aws-sdk/client-route-53';
import type { EstateSize } from '../sites.ts';
import type { ZoneSpec } from './route53.ts';

export interface HealthChecks {
  readonly primary: string;
  readonly secondary: string;
  readonly either: string;
}

/** CloudFront's own hosted zone, for aliases to distributions (Route 53 API reference, AliasTarget). */
const cloudFrontZone = 'Z2FDTNDATAQYW2';
/** More than one page of 300 records. */
const tenantRecords = { full: 320, small: 12 };

/** Every record of a zone but the NS and SOA that it is created with. */
export function recordsOf(
  zone: ZoneSpec,
  zoneId: string,
  size: EstateSize,
  checks: HealthChecks | undefined,
): ResourceRecordSet[] {
  const at = (name: string): string => (name === '' ? `${zone.name}.` : `${name}.${zone.name}.`);
  const plain = (name: string, Type: RRType, TTL: number, ...values: string[]): ResourceRecordSet => ({
    Name: at(name),
    Type,
    TTL,
    ResourceRecords: values.map((Value) => ({ Value })),
  });
  const distribution = (name: string, Type: RRType): ResourceRecordSet => ({
    Name: at(name),
    Type,
    AliasTarget: {
      HostedZoneId: cloudFrontZone,
      DNSName: 'd111111abcdef8.cloudfront.net.',
      EvaluateTargetHealth: false,
    },
  });
  const mail = [
    plain('', 'MX', 3600, '10 inbound-smtp.us-east-1.amazonaws.com', '20 backup.mail.example.'),
    plain('', 'TXT', 300, '"v=spf1 include:amazonses.com ~all"', '"verification=quo\\"ted; value"'),
    plain('_dmarc', 'TXT', 300, '"v=DMARC1; p=reject"'),
    plain('key1._domainkey', 'TXT', 1800, `"${'A'.repeat(250)}" "${'B'.repeat(120)}"`),
  ];
  switch (zone.kind) {
    case 'parked':
      return [distribution('', 'A'), plain('www', 'CNAME', 86_400, at(''))];
    case 'internal':
      return [plain('db', 'A', 60, '10.0.1.10'), plain('cache', 'A', 60, '10.0.2.10', '10.0.2.11')];
    case 'staging':
      return [distribution('', 'A'), distribution('www', 'A'), plain('api', 'A', 60, '198.51.100.77'), ...mail];
    case 'shared':
      return [
        plain('', 'CAA', 3600, '0 issue "amazon.com"', '0 iodef "mailto:security@acme-shared.net"'),
        ...Array.from({ length: tenantRecords[size] }, (_, index) =>
          plain(`tenant-${String(index).padStart(4, '0')}`, 'CNAME', 300, `tenants-${index % 4}.${zone.name}.`),
        ),
      ];
    default:
      return [
        distribution('', 'A'),
        distribution('', 'AAAA'),
        distribution('www', 'A'),
        {
          ...distribution('self', 'A'),
          AliasTarget: { HostedZoneId: zoneId, DNSName: at('api-old'), EvaluateTargetHealth: true },
        },
        plain('api-old', 'A', 300, '198.51.100.5'),
        plain('_sip._tcp', 'SRV', 300, '1 10 5269 sip.example.com.'),
        plain('', 'CAA', 3600, '0 issue "amazon.com"'),
        ...mail,
        ...routed(at, checks),
      ];
  }
}

/** Records that answer by weight, latency, failover, place, or several at once. */
function routed(at: (name: string) => string, checks: HealthChecks | undefined): ResourceRecordSet[] {
  const set = (
    name: string,
    SetIdentifier: string,
    value: string,
    routing: Partial<ResourceRecordSet>,
  ): ResourceRecordSet => ({
    Name: at(name),
    Type: 'A',
    TTL: 60,
    SetIdentifier,
    ResourceRecords: [{ Value: value }],
    ...routing,
  });
  const check = (which: keyof HealthChecks) => (checks ? { HealthCheckId: checks[which] } : {});
  return [
    set('api', 'blue', '198.51.100.10', { Weight: 90 }),
    set('api', 'green', '198.51.100.11', { Weight: 10 }),
    set('fast', 'east', '198.51.100.20', { Region: 'us-east-1', ...check('either') }),
    set('fast', 'west', '198.51.100.21', { Region: 'us-west-2' }),
    set('app', 'primary', '198.51.100.30', { Failover: 'PRIMARY', ...check('primary') }),
    set('app', 'secondary', '203.0.113.9', { Failover: 'SECONDARY', ...check('secondary') }),
    set('geo', 'default', '198.51.100.40', { GeoLocation: { CountryCode: '*' } }),
    set('geo', 'europe', '198.51.100.41', { GeoLocation: { ContinentCode: 'EU' } }),
    set('geo', 'california', '198.51.100.42', { GeoLocation: { CountryCode: 'US', SubdivisionCode: 'CA' } }),
    set('any', 'one', '198.51.100.50', { MultiValueAnswer: true, ...check('secondary') }),
    set('any', 'two', '198.51.100.51', { MultiValueAnswer: true }),
  ];
}
