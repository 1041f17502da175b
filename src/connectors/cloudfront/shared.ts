import type { CloudFront, FunctionSummary } from '@aws-sdk/client-cloudfront';
import type { NewEntry } from '../../kernel/capture.ts';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Page } from './calls.ts';
import { plainObject, text, type Document } from './documents.ts';

/** Something that distributions share and that is listed once per account. */
export interface SharedKind {
  /** Its documents are `<folder>/<id>.json`. */
  readonly folder: string;
  readonly operation: string;
  page(client: CloudFront, from: { readonly Marker?: string }): Promise<Page<object>>;
  /** Where the identity lies in the item; default `Id`. */
  idOf?(item: Document): string;
  /** The call that says more than the list. */
  detail?: { readonly operation: string; read(client: CloudFront, id: string): Promise<unknown> };
  /** What an item becomes, where that is more than one document. */
  entries?(client: CloudFront, item: object, resource: string): NewEntry[];
  readonly note?: Omit<LedgerNote, 'count'>;
}

interface ItemList {
  readonly Items?: readonly object[] | undefined;
  readonly NextMarker?: string | undefined;
}

function listed(list: ItemList | undefined): Page<object> {
  return { items: list?.Items, next: list?.NextMarker };
}

/** The identity of an item that wraps what it lists: `{ CachePolicy: { Id } }`. */
function within(field: string): (item: Document) => string {
  return (item) => text((item[field] as Document | undefined)?.['Id']);
}

function byName(item: Document): string {
  return text(item['Name']);
}

/** One row per kind. Adding one means adding a row here and its calls in calls.ts. */
export const sharedKinds: readonly SharedKind[] = [
  {
    folder: 'origin-access-controls',
    operation: 'ListOriginAccessControls',
    page: async (client, from) => listed((await client.listOriginAccessControls(from)).OriginAccessControlList),
  },
  {
    folder: 'origin-access-identities',
    operation: 'ListCloudFrontOriginAccessIdentities',
    page: async (client, from) =>
      listed((await client.listCloudFrontOriginAccessIdentities(from)).CloudFrontOriginAccessIdentityList),
  },
  {
    folder: 'cache-policies',
    operation: 'ListCachePolicies',
    page: async (client, from) => listed((await client.listCachePolicies({ Type: 'custom', ...from })).CachePolicyList),
    idOf: within('CachePolicy'),
  },
  {
    folder: 'origin-request-policies',
    operation: 'ListOriginRequestPolicies',
    page: async (client, from) =>
      listed((await client.listOriginRequestPolicies({ Type: 'custom', ...from })).OriginRequestPolicyList),
    idOf: within('OriginRequestPolicy'),
  },
  {
    folder: 'response-headers-policies',
    operation: 'ListResponseHeadersPolicies',
    page: async (client, from) =>
      listed((await client.listResponseHeadersPolicies({ Type: 'custom', ...from })).ResponseHeadersPolicyList),
    idOf: within('ResponseHeadersPolicy'),
  },
  ...(['DEVELOPMENT', 'LIVE'] as const).map((stage): SharedKind => ({
    folder: 'functions',
    operation: 'ListFunctions',
    page: async (client, from) => listed((await client.listFunctions({ Stage: stage, ...from })).FunctionList),
    entries: (client, item, resource) => functionEntries(client, item as FunctionSummary, stage, resource),
  })),
  {
    folder: 'key-value-stores',
    operation: 'ListKeyValueStores',
    page: async (client, from) => listed((await client.listKeyValueStores(from)).KeyValueStoreList),
    idOf: byName,
    note: {
      class: 'needs-human',
      what: 'keys and values of key value stores',
      why: 'They are read through another API, which is not captured yet.',
      action: 'Keep the file the store was imported from.',
    },
  },
  {
    folder: 'key-groups',
    operation: 'ListKeyGroups',
    page: async (client, from) => listed((await client.listKeyGroups(from)).KeyGroupList),
    idOf: within('KeyGroup'),
  },
  {
    folder: 'public-keys',
    operation: 'ListPublicKeys',
    page: async (client, from) => listed((await client.listPublicKeys(from)).PublicKeyList),
    note: {
      class: 'needs-human',
      what: 'private keys of key groups',
      why: 'AWS stores the public half only; signed URLs and cookies are made with the private half.',
      action: 'Keep the private keys in a vault of your own, or plan to make new ones.',
    },
  },
  {
    folder: 'realtime-log-configs',
    operation: 'ListRealtimeLogConfigs',
    page: async (client, from) => listed((await client.listRealtimeLogConfigs(from)).RealtimeLogConfigs),
    idOf: byName,
  },
  {
    folder: 'field-level-encryption-configs',
    operation: 'ListFieldLevelEncryptionConfigs',
    page: async (client, from) => listed((await client.listFieldLevelEncryptionConfigs(from)).FieldLevelEncryptionList),
    detail: {
      operation: 'GetFieldLevelEncryptionConfig',
      read: async (client, Id) => (await client.getFieldLevelEncryptionConfig({ Id })).FieldLevelEncryptionConfig,
    },
  },
  {
    folder: 'field-level-encryption-profiles',
    operation: 'ListFieldLevelEncryptionProfiles',
    page: async (client, from) =>
      listed((await client.listFieldLevelEncryptionProfiles(from)).FieldLevelEncryptionProfileList),
  },
  {
    folder: 'continuous-deployment-policies',
    operation: 'ListContinuousDeploymentPolicies',
    page: async (client, from) =>
      listed((await client.listContinuousDeploymentPolicies(from)).ContinuousDeploymentPolicyList),
    idOf: within('ContinuousDeploymentPolicy'),
  },
  {
    folder: 'vpc-origins',
    operation: 'ListVpcOrigins',
    page: async (client, from) => listed((await client.listVpcOrigins(from)).VpcOriginList),
    detail: {
      operation: 'GetVpcOrigin',
      read: async (client, Id) => (await client.getVpcOrigin({ Id })).VpcOrigin,
    },
  },
  {
    folder: 'distribution-tenants',
    operation: 'ListDistributionTenants',
    page: async (client, from) => {
      const answer = await client.listDistributionTenants(from);
      return { items: answer.DistributionTenantList, next: answer.NextMarker };
    },
    detail: {
      operation: 'GetDistributionTenant',
      read: async (client, Identifier) => (await client.getDistributionTenant({ Identifier })).DistributionTenant,
    },
  },
  {
    folder: 'connection-groups',
    operation: 'ListConnectionGroups',
    page: async (client, from) => {
      const answer = await client.listConnectionGroups(from);
      return { items: answer.ConnectionGroups, next: answer.NextMarker };
    },
  },
  {
    folder: 'trust-stores',
    operation: 'ListTrustStores',
    page: async (client, from) => {
      const answer = await client.listTrustStores(from);
      return { items: answer.TrustStoreList, next: answer.NextMarker };
    },
    note: {
      class: 'needs-human',
      what: 'certificates of trust stores',
      why: 'The certificate bundle of a trust store cannot be read back.',
      action: 'Keep the bundle each trust store was made from.',
    },
  },
  {
    folder: 'anycast-ip-lists',
    operation: 'ListAnycastIpLists',
    page: async (client, from) => listed((await client.listAnycastIpLists(from)).AnycastIpLists),
    note: {
      class: 'new-identity',
      what: 'anycast addresses',
      why: 'AWS assigns other addresses to a new list.',
      action: 'Tell whoever allows traffic by address about the new ones.',
    },
  },
];

/** The entries of one listed item. */
export function entriesOf(kind: SharedKind, client: CloudFront, item: object, resource: string): NewEntry[] {
  if (kind.entries) return kind.entries(client, item, resource);
  const document = plainObject(item);
  const id = kind.idOf?.(document) ?? text(document['Id']);
  const key = `${kind.folder}/${id}.json`;
  const { detail } = kind;
  if (!detail) return [{ key, kind: 'document', document }];
  const load = async (): Promise<{ document: Json }> => ({
    document: plainObject(await required(detail.read(client, id), detail.operation, `${resource}/${key}`)) as Json,
  });
  return [{ key, kind: 'document', load }];
}

/** A function's configuration and code, as they are in one stage. Code is read again only when the function was updated. */
function functionEntries(
  client: CloudFront,
  summary: FunctionSummary,
  stage: 'DEVELOPMENT' | 'LIVE',
  resource: string,
): NewEntry[] {
  const { Name = '', FunctionConfig, FunctionMetadata } = summary;
  const key = `functions/${Name}/${stage}`;
  const changedAt = FunctionMetadata?.LastModifiedTime?.toISOString();
  const load = async (): Promise<{ content: Uint8Array }> => {
    const answer = await required(client.getFunction({ Name, Stage: stage }), 'GetFunction', `${resource}/${key}.js`);
    if (!answer.FunctionCode)
      throw new HoldfastError('item.unreadable', `CloudFront returned no code of function ${Name}`, { resource });
    return { content: answer.FunctionCode };
  };
  return [
    {
      key: `${key}.json`,
      kind: 'document',
      document: { Name, Stage: stage, FunctionConfig: plainObject(FunctionConfig) },
    },
    {
      key: `${key}.js`,
      kind: 'blob',
      load,
      ...(changedAt === undefined ? {} : { fingerprint: `${stage} ${changedAt}` }),
    },
  ];
}
