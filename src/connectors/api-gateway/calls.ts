import type { APIGateway } from '@aws-sdk/client-api-gateway';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { call, type ProviderCall } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function apiGatewayClient(aws: AwsAccess): Promise<APIGateway> {
  const sdk = await import('@aws-sdk/client-api-gateway');
  return aws.client(sdk.APIGateway);
}

// IAM knows the methods of HTTP only.
const read = (...names: string[]): ProviderCall[] => names.map((name) => call('apigateway', name, 'apigateway:GET'));
const write = (method: string, ...names: string[]): ProviderCall[] =>
  names.map((name) => call('apigateway', name, `apigateway:${method}`));

export const captureCalls = [
  ...read('GetRestApis', 'GetResources', 'GetModels', 'GetRequestValidators', 'GetAuthorizers', 'GetGatewayResponses'),
  ...read('GetRestApi', 'GetDocumentationParts', 'GetStages', 'GetDeployments', 'GetExport', 'GetTags'),
  ...read('GetUsagePlans', 'GetUsagePlan', 'GetUsagePlanKeys', 'GetApiKeys', 'GetApiKey'),
  ...read('GetDomainNames', 'GetDomainName', 'GetBasePathMappings', 'GetVpcLinks', 'GetVpcLink'),
  ...read('GetClientCertificates', 'GetAccount'),
];

export const restoreCalls = [
  ...captureCalls,
  call('apigateway', 'CreateRestApi', 'apigateway:POST', 'apigateway:UpdateRestApiPolicy'),
  call('apigateway', 'UpdateRestApi', 'apigateway:PATCH', 'apigateway:UpdateRestApiPolicy'),
  ...write('POST', 'CreateResource', 'CreateModel', 'CreateRequestValidator', 'CreateAuthorizer', 'CreateDeployment'),
  ...write('POST', 'CreateDocumentationPart', 'CreateStage', 'CreateUsagePlan', 'CreateUsagePlanKey', 'CreateApiKey'),
  ...write('POST', 'CreateDomainName', 'CreateBasePathMapping', 'CreateVpcLink', 'GenerateClientCertificate'),
  ...write('PUT', 'PutMethod', 'PutMethodResponse', 'PutIntegration', 'PutIntegrationResponse', 'PutGatewayResponse'),
  ...write('PUT', 'TagResource'),
  ...write('PATCH', 'UpdateModel', 'UpdateRequestValidator', 'UpdateAuthorizer', 'UpdateDocumentationPart'),
  ...write('PATCH', 'UpdateStage', 'UpdateUsagePlan', 'UpdateApiKey', 'UpdateDomainName', 'UpdateBasePathMapping'),
  ...write('PATCH', 'UpdateVpcLink', 'UpdateClientCertificate', 'UpdateAccount'),
  ...write('DELETE', 'DeleteResource', 'DeleteMethod', 'DeleteModel', 'DeleteRequestValidator', 'DeleteAuthorizer'),
  ...write('DELETE', 'DeleteDocumentationPart', 'DeleteGatewayResponse', 'DeleteStage', 'DeleteUsagePlanKey'),
  ...write('DELETE', 'DeleteBasePathMapping', 'UntagResource'),
];

/** Every page of a listing. */
export async function allOf<Item>(
  ask: (
    position: string | undefined,
  ) => Promise<{ readonly items?: Item[] | undefined; readonly position?: string | undefined }>,
  operation: string,
  resource: string,
): Promise<Item[]> {
  const all: Item[] = [];
  let position: string | undefined;
  do {
    const page = await required(ask(position), operation, resource);
    all.push(...(page.items ?? []));
    position = page.position;
  } while (position !== undefined);
  return all;
}
