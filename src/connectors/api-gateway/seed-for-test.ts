import { APIGateway } from '@aws-sdk/client-api-gateway';

export const region = 'us-east-1';
export const clients = new Map(
  ['us-east-1', 'eu-west-1'].map((one) => [one, new APIGateway({ region: one })] as const),
);
export const gateway = clients.get(region) as APIGateway;
export const secret = 'planted-key-value-0123456789';
const lambda = (name: string): string =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/arn:aws:lambda:${region}:123456789012:function:${name}/invocations`;

export async function idOf(name: string): Promise<string> {
  return (await gateway.getRestApis({})).items?.find((api) => api.name === name)?.id ?? '';
}

async function seedOrders(): Promise<string> {
  const link = await gateway.createVpcLink({
    name: 'inside',
    targetArns: [`arn:aws:elasticloadbalancing:${region}:123456789012:loadbalancer/net/inside/0123456789abcdef`],
  });
  const api = await gateway.createRestApi({
    name: 'orders',
    description: 'all orders',
    endpointConfiguration: { types: ['REGIONAL'] },
    tags: { site: 'acme' },
  });
  const { id: restApiId = '', rootResourceId: parentId } = api;
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 'execute-api:Invoke',
        Resource: `arn:aws:execute-api:${region}:123456789012:${restApiId}/*`,
      },
    ],
  };
  await gateway.updateRestApi({
    restApiId,
    patchOperations: [{ op: 'replace', path: '/policy', value: JSON.stringify(policy) }],
  });
  await gateway.createModel({
    restApiId,
    name: 'Order',
    contentType: 'application/json',
    schema: '{"type":"object","title":"Order"}',
  });
  const { id: requestValidatorId } = await gateway.createRequestValidator({
    restApiId,
    name: 'body',
    validateRequestBody: true,
    validateRequestParameters: false,
  });
  const { id: authorizerId } = await gateway.createAuthorizer({
    restApiId,
    name: 'people',
    type: 'TOKEN',
    authorizerUri: lambda('people'),
    identitySource: 'method.request.header.Authorization',
  });
  await gateway.putGatewayResponse({
    restApiId,
    responseType: 'DEFAULT_4XX',
    statusCode: '418',
    responseTemplates: { 'application/json': '{}' },
  });
  await gateway.createDocumentationPart({
    restApiId,
    location: { type: 'API' },
    properties: '{"description":"orders"}',
  });
  const orders = await gateway.createResource({ restApiId, parentId, pathPart: 'orders' });
  const one = await gateway.createResource({ restApiId, parentId: orders.id, pathPart: '{id}' });
  const post = { restApiId, resourceId: orders.id, httpMethod: 'POST' };
  await gateway.putMethod({
    ...post,
    authorizationType: 'CUSTOM',
    authorizerId,
    requestValidatorId,
    apiKeyRequired: true,
    requestModels: { 'application/json': 'Order' },
  });
  await gateway.putMethodResponse({
    ...post,
    statusCode: '201',
    responseParameters: { 'method.response.header.Location': true },
  });
  await gateway.putIntegration({ ...post, type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: lambda('orders') });
  const get = { restApiId, resourceId: one.id, httpMethod: 'GET' };
  await gateway.putMethod({ ...get, authorizationType: 'NONE', requestParameters: { 'method.request.path.id': true } });
  await gateway.putIntegration({
    ...get,
    type: 'HTTP_PROXY',
    integrationHttpMethod: 'GET',
    uri: 'https://inside.example.com/{id}',
    connectionType: 'VPC_LINK',
    connectionId: link.id,
    requestParameters: { 'integration.request.path.id': 'method.request.path.id' },
    cacheKeyParameters: ['method.request.path.id'],
  });
  const options = { restApiId, resourceId: orders.id, httpMethod: 'OPTIONS' };
  await gateway.putMethod({ ...options, authorizationType: 'NONE' });
  await gateway.putMethodResponse({ ...options, statusCode: '200', responseModels: { 'application/json': 'Empty' } });
  await gateway.putIntegration({
    ...options,
    type: 'MOCK',
    requestTemplates: { 'application/json': '{"statusCode":200}' },
  });
  await gateway.putIntegrationResponse({
    ...options,
    statusCode: '200',
    responseTemplates: { 'application/json': '{"ok":true}' },
  });
  const { id: deploymentId } = await gateway.createDeployment({ restApiId, description: 'first' });
  await gateway.createStage({
    restApiId,
    stageName: 'live',
    deploymentId,
    variables: { table: 'orders' },
    tags: { site: 'acme' },
    tracingEnabled: true,
  });
  await gateway.updateStage({
    restApiId,
    stageName: 'live',
    patchOperations: [
      { op: 'replace', path: '/~1orders/POST/throttling/rateLimit', value: '5' },
      { op: 'replace', path: '/accessLogSettings/format', value: '$context.requestId' },
    ],
  });
  return restApiId;
}

async function seedSecond(): Promise<string> {
  const { id: restApiId = '', rootResourceId: resourceId } = await gateway.createRestApi({ name: 'status' });
  const place = { restApiId, resourceId, httpMethod: 'GET' };
  await gateway.putMethod({ ...place, authorizationType: 'NONE' });
  await gateway.putIntegration({ ...place, type: 'MOCK' });
  await gateway.createDeployment({ restApiId, stageName: 'live' });
  return restApiId;
}

export async function seed(): Promise<void> {
  const orders = await seedOrders();
  const status = await seedSecond();
  await gateway.updateAccount({
    patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value: 'arn:aws:iam::123456789012:role/logs' }],
  });
  await gateway.generateClientCertificate({ description: 'to the back' });
  const key = await gateway.createApiKey({ name: 'partner', value: secret, enabled: true });
  const plan = await gateway.createUsagePlan({
    name: 'partners',
    apiStages: [{ apiId: orders, stage: 'live' }],
    quota: { limit: 10, period: 'DAY' },
    throttle: { rateLimit: 3, burstLimit: 4 },
  });
  await gateway.createUsagePlanKey({ usagePlanId: plan.id, keyId: key.id, keyType: 'API_KEY' });
  await gateway.createDomainName({
    domainName: 'api.acme.example',
    regionalCertificateArn: `arn:aws:acm:${region}:123456789012:certificate/0123`,
    endpointConfiguration: { types: ['REGIONAL'] },
    securityPolicy: 'TLS_1_2',
  });
  await gateway.createBasePathMapping({
    domainName: 'api.acme.example',
    basePath: 'orders',
    restApiId: orders,
    stage: 'live',
  });
  await gateway.createBasePathMapping({
    domainName: 'api.acme.example',
    basePath: 'status',
    restApiId: status,
    stage: 'live',
  });
}
