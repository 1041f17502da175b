import type { APIGateway, Integration, Method, Resource } from '@aws-sdk/client-api-gateway';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import { numbered, type Numbered } from '../documents/numbered.ts';
import { files } from './files.ts';
import { allOf } from './calls.ts';
import { vpcLinks } from './vpc-link-list.ts';

/**
 * The draft of an API, as `definition.json` has it: what a deployment is made of. Nothing in it is named by an id that
 * API Gateway generates, but by path and name, so that it says the same of an API that was made again.
 */
export interface Definition {
  readonly models: Readonly<Record<string, Facts>>;
  readonly validators: Readonly<Record<string, Facts>>;
  readonly authorizers: Readonly<Record<string, Facts>>;
  readonly gatewayResponses: Readonly<Record<string, Facts>>;
  readonly documentation: Readonly<Record<string, Json>>;
  /** Methods by path. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, Facts>>>>;
  /** Ids of authorizers, which permissions of functions name. */
  readonly ids: Readonly<Record<string, string>>;
}

/** What there is, with the ids it has. */
export interface Draft {
  readonly definition: Definition;
  readonly resources: ReadonlyMap<string, string>;
  readonly validators: ReadonlyMap<string, string>;
  readonly authorizers: ReadonlyMap<string, string>;
  readonly documentation: ReadonlyMap<string, string>;
}

/** Reads the draft: not an export, which is of what is deployed. */
export async function readDraft(scene: Scene<APIGateway>, { id: restApiId, resource }: Address): Promise<Draft> {
  const { client } = scene;
  const [resources, models, validators, authorizers, responses, documentation] = await Promise.all([
    allOf(
      (position) => client.getResources({ restApiId, position, limit: 500, embed: ['methods'] }),
      'GetResources',
      resource,
    ),
    allOf((position) => client.getModels({ restApiId, position, limit: 500 }), 'GetModels', resource),
    allOf(
      (position) => client.getRequestValidators({ restApiId, position, limit: 500 }),
      'GetRequestValidators',
      resource,
    ),
    allOf((position) => client.getAuthorizers({ restApiId, position, limit: 500 }), 'GetAuthorizers', resource),
    allOf(
      (position) => client.getGatewayResponses({ restApiId, position, limit: 500 }),
      'GetGatewayResponses',
      resource,
    ),
    allOf(
      (position) => client.getDocumentationParts({ restApiId, position, limit: 500 }),
      'GetDocumentationParts',
      resource,
    ),
  ]);
  const named = {
    validators: numbered(validators, ({ name, id }) => ({ name, id })),
    authorizers: numbered(authorizers, ({ name, id }) => ({ name, id })),
  };
  const links = resources.some(({ resourceMethods }) => usesLink(resourceMethods)) ? await vpcLinks(scene) : [];
  const ids = new Set(resources.map(({ id }) => id ?? ''));
  const about = {
    validators: namesOf(named.validators),
    authorizers: namesOf(named.authorizers),
    links: namesOf(links),
    ids,
  };
  const place = (location: object | undefined): string => compactJson(factsOf(location));
  return {
    definition: {
      models: Object.fromEntries(models.map((model) => [model.name ?? '', withSchema(factsOf(model, 'id', 'name'))])),
      validators: Object.fromEntries(named.validators.map(({ name, item }) => [name, factsOf(item, 'id')])),
      authorizers: Object.fromEntries(named.authorizers.map(({ name, item }) => [name, factsOf(item, 'id')])),
      gatewayResponses: Object.fromEntries(
        responses
          .filter(({ defaultResponse }) => defaultResponse !== true)
          .map((one) => [one.responseType ?? '', factsOf(one, 'responseType', 'defaultResponse')]),
      ),
      documentation: Object.fromEntries(documentation.map((part) => [place(part.location), part.properties ?? ''])),
      resources: Object.fromEntries(resources.map((one) => [one.path ?? '', methodsOf(one, about)])),
      ids: Object.fromEntries(named.authorizers.map(({ name, id }) => [name, id])),
    },
    resources: new Map(resources.map(({ path = '', id = '' }) => [path, id])),
    validators: new Map(named.validators.map(({ name, id }) => [name, id])),
    authorizers: new Map(named.authorizers.map(({ name, id }) => [name, id])),
    documentation: new Map(documentation.map(({ location, id = '' }) => [place(location), id])),
  };
}

function usesLink(methods: Record<string, Method> | undefined): boolean {
  return Object.values(methods ?? {}).some(({ methodIntegration }) => methodIntegration?.connectionId !== undefined);
}

function namesOf(all: readonly Numbered<unknown>[]): ReadonlyMap<string, string> {
  return new Map(all.map(({ id, name }) => [id, name]));
}

interface About {
  readonly validators: ReadonlyMap<string, string>;
  readonly authorizers: ReadonlyMap<string, string>;
  readonly links: ReadonlyMap<string, string>;
  /** Of resources: the name of a cache is one of them where nobody chose another. */
  readonly ids: ReadonlySet<string>;
}

function methodsOf({ resourceMethods = {} }: Resource, about: About): Record<string, Facts> {
  return Object.fromEntries(Object.entries(resourceMethods).map(([verb, method]) => [verb, methodOf(method, about)]));
}

function methodOf(method: Method, about: About): Facts {
  const authorizer = about.authorizers.get(method.authorizerId ?? '');
  const validator = about.validators.get(method.requestValidatorId ?? '');
  return {
    ...factsOf(method, 'httpMethod', 'authorizerId', 'requestValidatorId', 'methodIntegration'),
    ...(authorizer === undefined ? {} : { authorizer }),
    ...(validator === undefined ? {} : { validator }),
    ...(method.methodIntegration ? { integration: integrationOf(method.methodIntegration, about) } : {}),
  };
}

function integrationOf(integration: Integration, { links, ids }: About): Facts {
  const { connectionId = '', cacheNamespace = '' } = integration;
  const vpcLink = links.get(connectionId);
  const isOwn = ids.has(cacheNamespace);
  return {
    ...factsOf(integration, ...(isOwn ? ['cacheNamespace'] : [])),
    ...(vpcLink === undefined ? {} : { vpcLink }),
  };
}

function withSchema(model: Facts): Facts {
  const { schema } = model;
  if (typeof schema !== 'string') return model;
  try {
    return { ...model, schema: JSON.parse(schema) as Json };
  } catch {
    return model;
  }
}

/** A model's schema as API Gateway takes it. */
export function schemaText(schema: Json | undefined): string | undefined {
  return schema === undefined || typeof schema === 'string' ? schema : JSON.stringify(schema);
}

/** A method as it is compared: a VPC link is what it is called, whatever its id. */
export function comparableMethod(method: Facts): Facts {
  const integration = method['integration'] as Facts | undefined;
  if (integration?.['vpcLink'] === undefined) return method;
  const { connectionId: _, ...said } = integration;
  return { ...method, integration: said };
}

export function comparableDefinition(document: Json): Json {
  const { ids: _, resources, ...rest } = document as unknown as Definition;
  const methods = (of: Readonly<Record<string, Facts>>): Record<string, Facts> =>
    Object.fromEntries(Object.entries(of).map(([verb, method]) => [verb, comparableMethod(method)]));
  const paths = Object.fromEntries(Object.entries(resources).map(([path, of]) => [path, methods(of)]));
  return { ...rest, resources: paths };
}

export const definitionFile: Pick<DocumentPart<APIGateway>, 'file' | 'read' | 'comparable'> = {
  file: files.definition,
  read: async (scene, address) =>
    await scene.once('draft', async () => (await readDraft(scene, address)).definition as unknown as Json),
  comparable: comparableDefinition,
};
