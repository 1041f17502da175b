import { generationOf, xml, type Answer, type EstateState } from './state.ts';

const pageSize = 300;
const zone = 'ZSCALE00000000000001';
const zoneXml = (records: number): string =>
  `<HostedZone><Id>/hostedzone/${zone}</Id><Name>scale.example.</Name><CallerReference>scale</CallerReference><Config><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>${records}</ResourceRecordSetCount></HostedZone>`;
/** Listings of what the account does not have. */
const nothing: readonly (readonly [RegExp, string])[] = [
  [/\/delegationset$/, 'ListReusableDelegationSets'],
  [/\/healthcheck$/, 'ListHealthChecks'],
  [/\/queryloggingconfig$/, 'ListQueryLoggingConfigs'],
  [/\/trafficpolicies$/, 'ListTrafficPolicies'],
  [/\/trafficpolicyinstances$/, 'ListTrafficPolicyInstances'],
  [/\/cidrcollection$/, 'ListCidrCollections'],
];

/** One public zone of as many records as were asked for, 300 to a page. */
export function route53(state: EstateState, path: string, query: URLSearchParams): Answer {
  if (path.endsWith('/hostedzone')) {
    return xml(
      'ListHostedZones',
      `<ListHostedZonesResponse><HostedZones>${zoneXml(state.records)}</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>`,
    );
  }
  if (path.endsWith('/rrset')) return records(state, query);
  if (path.endsWith('/dnssec'))
    return xml(
      'GetDNSSEC',
      '<GetDNSSECResponse><Status><ServeSignature>NOT_SIGNING</ServeSignature></Status><KeySigningKeys/></GetDNSSECResponse>',
    );
  if (path.includes('/tags/'))
    return xml(
      'ListTagsForResources',
      `<ListTagsForResourcesResponse><ResourceTagSets><ResourceTagSet><ResourceType>hostedzone</ResourceType><ResourceId>${zone}</ResourceId><Tags/></ResourceTagSet></ResourceTagSets></ListTagsForResourcesResponse>`,
    );
  const operation = nothing.find(([pattern]) => pattern.test(path))?.[1];
  return operation === undefined
    ? xml(`route53 ${path}`, '<ErrorResponse><Error><Code>NotImplemented</Code></Error></ErrorResponse>', 501)
    : xml(operation, `<${operation}Response><IsTruncated>false</IsTruncated></${operation}Response>`);
}

function nameOf(number: number): string {
  return `record-${String(number).padStart(8, '0')}.scale.example.`;
}

function records(state: EstateState, query: URLSearchParams): Answer {
  const from = Number(/record-(\d+)/.exec(query.get('name') ?? '')?.[1] ?? 0);
  const to = Math.min(from + pageSize, state.records);
  let sets = '';
  for (let number = from; number < to; number++) {
    const value = `10.${generationOf(state, number)}.${(number >> 8) & 255}.${number & 255}`;
    sets += `<ResourceRecordSet><Name>${nameOf(number)}</Name><Type>A</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`;
  }
  const more = to < state.records;
  const next = more ? `<NextRecordName>${nameOf(to)}</NextRecordName><NextRecordType>A</NextRecordType>` : '';
  return xml(
    'ListResourceRecordSets',
    `<ListResourceRecordSetsResponse><ResourceRecordSets>${sets}</ResourceRecordSets><IsTruncated>${more}</IsTruncated>${next}<MaxItems>${pageSize}</MaxItems></ListResourceRecordSetsResponse>`,
  );
}
