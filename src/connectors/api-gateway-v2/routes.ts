import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { compactJson } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address } from '../documents/contract.ts';
import type { Facts } from '../documents/said.ts';
import { comparableRoute, targetOf, type Definition, type Draft } from './definition.ts';

/** Routes that are missing or differ. One that loses a setting is made anew: an update cannot take it away. */
export async function putRoutes(
  client: ApiGatewayV2,
  { id: ApiId, resource }: Address,
  wanted: Definition,
  live: Draft,
  integrations: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [RouteKey, route] of Object.entries(wanted.routes)) {
    const now = live.definition.routes[RouteKey];
    const isSame =
      now && compactJson(comparableRoute(now, live.definition)) === compactJson(comparableRoute(route, wanted));
    if (isSame) continue;
    const { responses, authorizer, ...settings } = route;
    const target = targetOf(route);
    const AuthorizerId = typeof authorizer === 'string' ? live.authorizers.get(authorizer) : undefined;
    if (authorizer !== undefined && AuthorizerId === undefined)
      throw new HoldfastError('item.conflict', `${resource} has no authorizer for ${RouteKey}`, { resource });
    const request = {
      ...settings,
      ApiId,
      RouteKey,
      ...(AuthorizerId === undefined ? {} : { AuthorizerId }),
      ...(target === undefined ? {} : { Target: `integrations/${integrations.get(target)}` }),
    };
    const RouteId = live.routes.get(RouteKey);
    const keeps = now && responses === undefined && Object.keys(now).every((field) => field in route);
    if (RouteId !== undefined && keeps) {
      const updating = client.updateRoute({ ...request, RouteId });
      await required(updating, 'UpdateRoute', resource);
      continue;
    }
    if (RouteId !== undefined) await required(client.deleteRoute({ ApiId, RouteId }), 'DeleteRoute', resource);
    const creating = client.createRoute(request);
    const made = await required(creating, 'CreateRoute', resource);
    for (const [RouteResponseKey, response] of Object.entries((responses ?? {}) as Record<string, Facts>)) {
      const answering = client.createRouteResponse({ ApiId, RouteId: made.RouteId, RouteResponseKey, ...response });
      await required(answering, 'CreateRouteResponse', resource);
    }
  }
}

export async function deleteRoutes(
  client: ApiGatewayV2,
  { id: ApiId, resource }: Address,
  wanted: Definition,
  live: Draft,
): Promise<void> {
  for (const [key, RouteId] of live.routes)
    if (!(key in wanted.routes)) await required(client.deleteRoute({ ApiId, RouteId }), 'DeleteRoute', resource);
}
