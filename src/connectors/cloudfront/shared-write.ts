import type { CloudFront } from '@aws-sdk/client-cloudfront';
import { text, type Document } from './documents.ts';

/** What creating and changing one kind of shared thing takes. Its reading is the listing of `shared.ts`. */
export interface SharedWriter {
  readonly folder: string;
  /** For people: `cache policy`. */
  readonly title: string;
  /** Folders whose things these refer to. */
  readonly after?: readonly string[];
  /** What can be said about it, within a captured document. */
  config(document: Document): Document;
  /** Its name, unique in an account; origin access identities have none. */
  nameOf(document: Document): string | undefined;
  /** Other identities within: ARN, canonical user. */
  identities?(document: Document): readonly string[];
  /** `reference`: a caller reference, where one is asked for. */
  create(client: CloudFront, config: Document, reference: string): Promise<unknown>;
  readonly createOperation: string;
  /** Changes it under its ETag, which it reads. */
  update(client: CloudFront, id: string, config: Document, live: Document): Promise<unknown>;
  readonly updateOperation: string;
}

type Input<Method> = Method extends (input: infer First, ...rest: never[]) => unknown ? First : never;

function without(document: Document, ...names: readonly string[]): Document {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)));
}

function inner(document: Document, field: string): Document {
  return (document[field] ?? {}) as Document;
}

function commentOf(config: Document): { readonly Comment?: string } {
  const comment = text(config['Comment']);
  return comment === '' ? {} : { Comment: comment };
}

/** A policy: `{ Type, CachePolicy: { Id, CachePolicyConfig: { Name, … } } }`. */
function policy(
  folder: string,
  title: string,
  field: 'CachePolicy' | 'OriginRequestPolicy' | 'ResponseHeadersPolicy',
  calls: {
    create(client: CloudFront, config: never): Promise<unknown>;
    tag(client: CloudFront, Id: string): Promise<{ readonly ETag?: string | undefined }>;
    update(client: CloudFront, Id: string, IfMatch: string | undefined, config: never): Promise<unknown>;
  },
): SharedWriter {
  const config = (document: Document): Document => inner(inner(document, field), `${field}Config`);
  return {
    folder,
    title,
    config,
    nameOf: (document) => text(config(document)['Name']),
    create: (client, wanted) => calls.create(client, wanted as never),
    createOperation: `Create${field}`,
    update: async (client, id, wanted) => calls.update(client, id, (await calls.tag(client, id)).ETag, wanted as never),
    updateOperation: `Update${field}`,
  };
}

/** In the order in which they can be made. */
export const sharedWriters: readonly SharedWriter[] = [
  {
    folder: 'origin-access-controls',
    title: 'origin access control',
    config: (document) => without(document, 'Id'),
    nameOf: (document) => text(document['Name']),
    create: (client, config) =>
      client.createOriginAccessControl({
        OriginAccessControlConfig: config as unknown as Input<
          CloudFront['createOriginAccessControl']
        >['OriginAccessControlConfig'],
      }),
    createOperation: 'CreateOriginAccessControl',
    update: async (client, Id, config) =>
      client.updateOriginAccessControl({
        Id,
        IfMatch: (await client.getOriginAccessControlConfig({ Id })).ETag,
        OriginAccessControlConfig: config as unknown as Input<
          CloudFront['updateOriginAccessControl']
        >['OriginAccessControlConfig'],
      }),
    updateOperation: 'UpdateOriginAccessControl',
  },
  {
    folder: 'origin-access-identities',
    title: 'origin access identity',
    config: (document) => without(document, 'Id', 'S3CanonicalUserId'),
    nameOf: () => undefined,
    identities: (document) => [text(document['S3CanonicalUserId'])],
    create: (client, config, CallerReference) =>
      client.createCloudFrontOriginAccessIdentity({
        CloudFrontOriginAccessIdentityConfig: { CallerReference, Comment: text(config['Comment']) },
      }),
    createOperation: 'CreateCloudFrontOriginAccessIdentity',
    update: async (client, Id, config) => {
      const { CloudFrontOriginAccessIdentityConfig: now, ETag } = await client.getCloudFrontOriginAccessIdentityConfig({
        Id,
      });
      return await client.updateCloudFrontOriginAccessIdentity({
        Id,
        IfMatch: ETag,
        CloudFrontOriginAccessIdentityConfig: {
          CallerReference: now?.CallerReference,
          Comment: text(config['Comment']),
        },
      });
    },
    updateOperation: 'UpdateCloudFrontOriginAccessIdentity',
  },
  policy('cache-policies', 'cache policy', 'CachePolicy', {
    create: (client, CachePolicyConfig) => client.createCachePolicy({ CachePolicyConfig }),
    tag: (client, Id) => client.getCachePolicyConfig({ Id }),
    update: (client, Id, IfMatch, CachePolicyConfig) => client.updateCachePolicy({ Id, IfMatch, CachePolicyConfig }),
  }),
  policy('origin-request-policies', 'origin request policy', 'OriginRequestPolicy', {
    create: (client, OriginRequestPolicyConfig) => client.createOriginRequestPolicy({ OriginRequestPolicyConfig }),
    tag: (client, Id) => client.getOriginRequestPolicyConfig({ Id }),
    update: (client, Id, IfMatch, OriginRequestPolicyConfig) =>
      client.updateOriginRequestPolicy({ Id, IfMatch, OriginRequestPolicyConfig }),
  }),
  policy('response-headers-policies', 'response headers policy', 'ResponseHeadersPolicy', {
    create: (client, ResponseHeadersPolicyConfig) =>
      client.createResponseHeadersPolicy({ ResponseHeadersPolicyConfig }),
    tag: (client, Id) => client.getResponseHeadersPolicyConfig({ Id }),
    update: (client, Id, IfMatch, ResponseHeadersPolicyConfig) =>
      client.updateResponseHeadersPolicy({ Id, IfMatch, ResponseHeadersPolicyConfig }),
  }),
  {
    folder: 'public-keys',
    title: 'public key',
    config: (document) => without(document, 'Id', 'CreatedTime'),
    nameOf: (document) => text(document['Name']),
    create: (client, config, CallerReference) =>
      client.createPublicKey({
        PublicKeyConfig: {
          CallerReference,
          Name: text(config['Name']),
          EncodedKey: text(config['EncodedKey']),
          ...commentOf(config),
        },
      }),
    createOperation: 'CreatePublicKey',
    // Only its comment can be changed; CloudFront refuses another key under the same name, and says so.
    update: async (client, Id, config) => {
      const { PublicKeyConfig: now, ETag } = await client.getPublicKeyConfig({ Id });
      return await client.updatePublicKey({
        Id,
        IfMatch: ETag,
        PublicKeyConfig: {
          CallerReference: now?.CallerReference,
          Name: text(config['Name']),
          EncodedKey: text(config['EncodedKey']),
          ...commentOf(config),
        },
      });
    },
    updateOperation: 'UpdatePublicKey',
  },
  {
    folder: 'key-groups',
    title: 'key group',
    after: ['public-keys'],
    config: (document) => inner(inner(document, 'KeyGroup'), 'KeyGroupConfig'),
    nameOf: (document) => text(inner(inner(document, 'KeyGroup'), 'KeyGroupConfig')['Name']),
    create: (client, config) =>
      client.createKeyGroup({
        KeyGroupConfig: config as unknown as Input<CloudFront['createKeyGroup']>['KeyGroupConfig'],
      }),
    createOperation: 'CreateKeyGroup',
    update: async (client, Id, config) =>
      client.updateKeyGroup({
        Id,
        IfMatch: (await client.getKeyGroupConfig({ Id })).ETag,
        KeyGroupConfig: config as unknown as Input<CloudFront['updateKeyGroup']>['KeyGroupConfig'],
      }),
    updateOperation: 'UpdateKeyGroup',
  },
  {
    folder: 'key-value-stores',
    title: 'key value store',
    config: (document) => ({ Name: text(document['Name']), Comment: text(document['Comment']) }),
    nameOf: (document) => text(document['Name']),
    identities: (document) => [text(document['ARN']), text(document['Id'])],
    create: (client, config) => client.createKeyValueStore({ Name: text(config['Name']), ...commentOf(config) }),
    createOperation: 'CreateKeyValueStore',
    update: async (client, _id, config) => {
      const Name = text(config['Name']);
      const { ETag: IfMatch } = await client.describeKeyValueStore({ Name });
      return await client.updateKeyValueStore({ Name, IfMatch, Comment: text(config['Comment']) });
    },
    updateOperation: 'UpdateKeyValueStore',
  },
  {
    folder: 'realtime-log-configs',
    title: 'real-time log configuration',
    config: (document) => without(document, 'ARN'),
    nameOf: (document) => text(document['Name']),
    identities: (document) => [text(document['ARN'])],
    create: (client, config) =>
      client.createRealtimeLogConfig(config as unknown as Input<CloudFront['createRealtimeLogConfig']>),
    createOperation: 'CreateRealtimeLogConfig',
    update: (client, _id, config, live) =>
      client.updateRealtimeLogConfig({
        ...(config as unknown as Input<CloudFront['updateRealtimeLogConfig']>),
        ARN: text(live['ARN']),
      }),
    updateOperation: 'UpdateRealtimeLogConfig',
  },
];
