import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { call, type ProviderCall } from '../contract.ts';
import { pages } from '../documents/pages.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function apiGatewayV2Client(aws: AwsAccess): Promise<ApiGatewayV2> {
  const sdk = await import('@aws-sdk/client-apigatewayv2');
  return aws.client(sdk.ApiGatewayV2);
}

// IAM knows the methods of HTTP only, and calls the service as that of REST APIs.
const calls = (method: string, ...names: string[]): ProviderCall[] =>
  names.map((name) => call('apigateway', name, `apigateway:${method}`));

export const captureCalls = [
  ...calls('GET', 'GetApis', 'GetApi', 'GetRoutes', 'GetRouteResponses', 'GetIntegrations', 'GetIntegrationResponses'),
  ...calls('GET', 'GetAuthorizers', 'GetModels', 'GetStages', 'GetDeployments', 'GetDomainNames', 'GetDomainName'),
  ...calls('GET', 'GetApiMappings', 'GetVpcLinks', 'GetVpcLink'),
];

export const restoreCalls = [
  ...captureCalls,
  ...calls('POST', 'CreateApi', 'CreateRoute', 'CreateRouteResponse', 'CreateIntegration', 'CreateIntegrationResponse'),
  ...calls('POST', 'CreateAuthorizer', 'CreateModel', 'CreateStage', 'CreateDeployment', 'CreateDomainName'),
  ...calls('POST', 'CreateApiMapping', 'CreateVpcLink', 'TagResource'),
  ...calls('PATCH', 'UpdateApi', 'UpdateRoute', 'UpdateAuthorizer', 'UpdateModel', 'UpdateStage', 'UpdateDomainName'),
  ...calls('DELETE', 'DeleteCorsConfiguration', 'DeleteRoute', 'DeleteIntegration', 'DeleteAuthorizer', 'DeleteModel'),
  ...calls(
    'DELETE',
    'DeleteStage',
    'DeleteRouteSettings',
    'DeleteAccessLogSettings',
    'DeleteApiMapping',
    'UntagResource',
  ),
];

/** Every page of a listing. */
export async function allOf<Item>(
  ask: (
    NextToken: string | undefined,
  ) => Promise<{ readonly Items?: Item[] | undefined; readonly NextToken?: string | undefined }>,
  operation: string,
  resource: string,
): Promise<Item[]> {
  const all: Item[] = [];
  const asking = async (token: string | undefined) => await required(ask(token), operation, resource);
  for await (const { Items = [] } of pages(asking, ({ NextToken }) => NextToken)) all.push(...Items);
  return all;
}
