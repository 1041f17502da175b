import type { APIGateway, PutIntegrationRequest, PutMethodRequest } from '@aws-sdk/client-api-gateway';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address } from '../documents/contract.ts';
import type { Facts } from '../documents/said.ts';
import { meant, type Numbered } from '../documents/numbered.ts';
import type { Draft } from './definition.ts';

interface Place {
  readonly restApiId: string;
  readonly resourceId: string;
  readonly httpMethod: string;
}

/** A method with its responses, its integration and what that answers. */
export async function putMethod(
  client: APIGateway,
  { resource }: Address,
  place: Place,
  method: Facts,
  ids: Draft,
  links: readonly Numbered<unknown>[],
): Promise<void> {
  const { authorizer, validator, integration, methodResponses = {}, ...settings } = method;
  const authorizerId = idOf(ids.authorizers, authorizer, resource);
  const requestValidatorId = idOf(ids.validators, validator, resource);
  const request = {
    ...settings,
    ...place,
    ...(authorizerId === undefined ? {} : { authorizerId }),
    ...(requestValidatorId === undefined ? {} : { requestValidatorId }),
  } as unknown as PutMethodRequest;
  await required(client.putMethod(request), 'PutMethod', resource);
  for (const [statusCode, response] of Object.entries(methodResponses as Record<string, Facts>))
    await required(client.putMethodResponse({ ...response, ...place, statusCode }), 'PutMethodResponse', resource);
  if (integration !== undefined) await putIntegration(client, resource, place, integration as Facts, links);
}

async function putIntegration(
  client: APIGateway,
  resource: string,
  place: Place,
  integration: Facts,
  links: readonly Numbered<unknown>[],
): Promise<void> {
  const {
    vpcLink,
    integrationResponses = {},
    httpMethod: integrationHttpMethod,
    connectionId,
    ...settings
  } = integration;
  // Where it names a link that is no longer, or not yet, there, API Gateway says so.
  const link = meant(links, vpcLink as string | undefined, { id: connectionId ?? '' })?.id ?? connectionId;
  const request = {
    ...settings,
    ...place,
    ...(integrationHttpMethod === undefined ? {} : { integrationHttpMethod }),
    ...(link === undefined ? {} : { connectionId: link }),
  } as unknown as PutIntegrationRequest;
  await required(client.putIntegration(request), 'PutIntegration', resource);
  for (const [statusCode, response] of Object.entries(integrationResponses as Record<string, Facts>)) {
    const putting = client.putIntegrationResponse({ ...response, ...place, statusCode });
    await required(putting, 'PutIntegrationResponse', resource);
  }
}

function idOf(ids: ReadonlyMap<string, string>, name: unknown, resource: string): string | undefined {
  if (typeof name !== 'string') return undefined;
  const id = ids.get(name);
  if (id === undefined)
    throw new HoldfastError('item.conflict', `${resource} has no ${name}, which a method uses`, { resource });
  return id;
}
