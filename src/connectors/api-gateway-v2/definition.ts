import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { numbered } from '../documents/numbered.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { allOf } from './calls.ts';
import { vpcLinks } from './vpc-link-list.ts';

type Named = Readonly<Record<string, Facts>>;

/**
 * What an API is made of, as `definition.json` has it. Routes name their authorizer and carry the id of their integration;
 * integrations have nothing but ids, so that two definitions are compared by what is in them.
 */
export interface Definition {
  readonly models: Named;
  readonly authorizers: Named;
  /** By id. */
  readonly integrations: Named;
  /** By key: `GET /orders`. */
  readonly routes: Named;
  /** Ids of authorizers, which permissions of functions name. */
  readonly ids: Readonly<Record<string, string>>;
}

/** What there is, with the ids it has. */
export interface Draft {
  readonly definition: Definition;
  readonly routes: ReadonlyMap<string, string>;
  readonly models: ReadonlyMap<string, string>;
  readonly authorizers: ReadonlyMap<string, string>;
}

export async function readDraft(
  scene: Scene<ApiGatewayV2>,
  { id: ApiId, resource }: Address,
  isSocket: boolean,
): Promise<Draft> {
  const { client } = scene;
  const [routes, integrations, authorizers, models] = await Promise.all([
    allOf((NextToken) => client.getRoutes({ ApiId, NextToken }), 'GetRoutes', resource),
    allOf((NextToken) => client.getIntegrations({ ApiId, NextToken }), 'GetIntegrations', resource),
    allOf((NextToken) => client.getAuthorizers({ ApiId, NextToken }), 'GetAuthorizers', resource),
    // HTTP APIs have neither models nor responses.
    isSocket ? allOf((NextToken) => client.getModels({ ApiId, NextToken }), 'GetModels', resource) : [],
  ]);
  const named = numbered(authorizers, ({ Name, AuthorizerId }) => ({ name: Name, id: AuthorizerId }));
  const nameOf = new Map(named.map(({ id, name }) => [id, name]));
  const links = integrations.some(({ ConnectionId }) => ConnectionId !== undefined) ? await vpcLinks(scene) : [];
  const kept: Record<string, Facts> = {};
  for (const integration of integrations) {
    const { IntegrationId = '', ConnectionId = '' } = integration;
    const vpcLink = links.find(({ id }) => id === ConnectionId)?.name;
    const page = (NextToken: string | undefined) => client.getIntegrationResponses({ ApiId, IntegrationId, NextToken });
    const responses = isSocket ? await allOf(page, 'GetIntegrationResponses', resource) : [];
    kept[IntegrationId] = {
      ...factsOf(integration, 'IntegrationId', 'ApiGatewayManaged'),
      ...(vpcLink === undefined ? {} : { vpcLink }),
      ...(responses.length === 0
        ? {}
        : { responses: byKey(responses, 'IntegrationResponseKey', 'IntegrationResponseId') }),
    };
  }
  const table: Record<string, Facts> = {};
  for (const route of routes) {
    const { RouteId = '', AuthorizerId = '', RouteKey = '' } = route;
    const authorizer = nameOf.get(AuthorizerId);
    const page = (NextToken: string | undefined) => client.getRouteResponses({ ApiId, RouteId, NextToken });
    const responses = isSocket ? await allOf(page, 'GetRouteResponses', resource) : [];
    table[RouteKey] = {
      ...factsOf(route, 'RouteId', 'RouteKey', 'AuthorizerId', 'ApiGatewayManaged'),
      ...(authorizer === undefined ? {} : { authorizer }),
      ...(responses.length === 0 ? {} : { responses: byKey(responses, 'RouteResponseKey', 'RouteResponseId') }),
    };
  }
  return {
    definition: {
      models: Object.fromEntries(models.map((model) => [model.Name ?? '', factsOf(model, 'ModelId', 'Name')])),
      authorizers: Object.fromEntries(named.map(({ name, item }) => [name, factsOf(item, 'AuthorizerId')])),
      integrations: kept,
      routes: table,
      ids: Object.fromEntries(named.map(({ name, id }) => [name, id])),
    },
    routes: new Map(routes.map(({ RouteKey = '', RouteId = '' }) => [RouteKey, RouteId])),
    models: new Map(models.map(({ Name = '', ModelId = '' }) => [Name, ModelId])),
    authorizers: new Map(named.map(({ name, id }) => [name, id])),
  };
}

function byKey(responses: readonly object[], key: string, id: string): Json {
  return Object.fromEntries(
    responses.map((one) => [(one as Record<string, string>)[key] ?? '', factsOf(one, key, id)]),
  );
}

/** The id within `integrations/abc123`. */
export function targetOf(route: Facts): string | undefined {
  const target = route['Target'] as string | undefined;
  return target?.startsWith('integrations/') ? target.slice('integrations/'.length) : undefined;
}

/** An integration as it is compared: a VPC link is what it is called, whatever its id. */
export function comparableIntegration(integration: Facts | undefined): Facts {
  const named = integration ?? {};
  return named['vpcLink'] === undefined ? named : (without(named, 'ConnectionId') as Facts);
}

/** A route with the integration it leads to. */
export function comparableRoute(route: Facts, { integrations }: Definition): Facts {
  const target = targetOf(route);
  if (target === undefined) return route;
  return { ...(without(route, 'Target') as Facts), integration: comparableIntegration(integrations[target]) };
}

/** As it is compared: without ids. */
export function comparableDefinition(document: Json): Json {
  const definition = document as unknown as Definition;
  const { models, authorizers, routes, integrations } = definition;
  const contents = Object.values(integrations).map((one) => compactJson(comparableIntegration(one)));
  return {
    models,
    authorizers,
    integrations: [...new Set(contents)].sort(),
    routes: Object.fromEntries(Object.entries(routes).map(([key, route]) => [key, comparableRoute(route, definition)])),
  };
}
