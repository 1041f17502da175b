import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new ApiGatewayV2({ region: one })] as const));
const gateway = clients.get(region) as ApiGatewayV2;
const lambda = `arn:aws:lambda:${region}:123456789012:function:orders`;

async function idOf(name: string): Promise<string> {
  return (await gateway.getApis({})).Items?.find((api) => api.Name === name)?.ApiId ?? '';
}

async function seedHttp(): Promise<string> {
  const { VpcLinkId } = await gateway.createVpcLink({
    Name: 'inside',
    SubnetIds: ['subnet-0123'],
    Tags: { site: 'acme' },
  });
  const { ApiId = '' } = await gateway.createApi({
    Name: 'orders',
    Description: 'all orders',
    ProtocolType: 'HTTP',
    CorsConfiguration: { AllowOrigins: ['https://acme.example'] },
    Tags: { site: 'acme' },
  });
  const { AuthorizerId } = await gateway.createAuthorizer({
    ApiId,
    Name: 'people',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://id.example', Audience: ['web'] },
  });
  const proxy = await gateway.createIntegration({
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: lambda,
    PayloadFormatVersion: '2.0',
  });
  const inner = await gateway.createIntegration({
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri: 'https://inside.example',
    ConnectionType: 'VPC_LINK',
    ConnectionId: VpcLinkId,
    PayloadFormatVersion: '1.0',
  });
  await gateway.createRoute({
    ApiId,
    RouteKey: 'POST /orders',
    Target: `integrations/${proxy.IntegrationId}`,
    AuthorizationType: 'JWT',
    AuthorizerId,
    AuthorizationScopes: ['orders/write'],
  });
  await gateway.createRoute({ ApiId, RouteKey: 'GET /orders', Target: `integrations/${proxy.IntegrationId}` });
  await gateway.createRoute({ ApiId, RouteKey: '$default', Target: `integrations/${inner.IntegrationId}` });
  await gateway.createStage({
    ApiId,
    StageName: '$default',
    AutoDeploy: true,
    StageVariables: { table: 'orders' },
    Tags: { site: 'acme' },
  });
  const { DeploymentId } = await gateway.createDeployment({ ApiId });
  await gateway.createStage({ ApiId, StageName: 'fixed', DeploymentId });
  return ApiId;
}

async function seedSocket(): Promise<string> {
  const { ApiId = '' } = await gateway.createApi({
    Name: 'live',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  });
  await gateway.createModel({ ApiId, Name: 'Message', ContentType: 'application/json', Schema: '{}' });
  const { IntegrationId } = await gateway.createIntegration({
    ApiId,
    IntegrationType: 'MOCK',
    RequestTemplates: { '200': '{"statusCode":200}' },
    TemplateSelectionExpression: '200',
  });
  await gateway.createIntegrationResponse({
    ApiId,
    IntegrationId,
    IntegrationResponseKey: '$default',
    ResponseTemplates: { '200': '{}' },
  });
  const { RouteId } = await gateway.createRoute({
    ApiId,
    RouteKey: 'send',
    Target: `integrations/${IntegrationId}`,
    RouteResponseSelectionExpression: '$default',
    RequestModels: { $default: 'Message' },
  });
  await gateway.createRouteResponse({ ApiId, RouteId, RouteResponseKey: '$default' });
  await gateway.createStage({ ApiId, StageName: 'live', AutoDeploy: true });
  return ApiId;
}

async function seed(): Promise<void> {
  const http = await seedHttp();
  const socket = await seedSocket();
  const DomainName = 'live.acme.example';
  await gateway.createDomainName({
    DomainName,
    DomainNameConfigurations: [
      {
        CertificateArn: `arn:aws:acm:${region}:123456789012:certificate/0123`,
        EndpointType: 'REGIONAL',
        SecurityPolicy: 'TLS_1_2',
      },
    ],
    Tags: { site: 'acme' },
  });
  await gateway.createApiMapping({ DomainName, ApiId: http, Stage: 'fixed', ApiMappingKey: 'orders/v1' });
  await gateway.createApiMapping({ DomainName, ApiId: socket, Stage: 'live', ApiMappingKey: 'live' });
}

const volatile = new Set([
  '$metadata',
  'CreatedDate',
  'LastUpdatedDate',
  'DeploymentId',
  'IntegrationId',
  'RouteId',
  'ModelId',
  'AuthorizerId',
  'ApiMappingId',
  'IntegrationResponseId',
  'RouteResponseId',
  'Target',
]);

function stable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (volatile.has(key) ? undefined : inner))) as unknown;
}

const by = <T>(items: T[] | undefined, name: (item: T) => string | undefined): T[] =>
  (items ?? []).sort((a, b) => ((name(a) ?? '') < (name(b) ?? '') ? -1 : 1));

async function readBack(where: string): Promise<unknown> {
  const client = clients.get(where) as ApiGatewayV2;
  const found: unknown[] = [(await client.getVpcLinks({})).Items];
  for (const api of by((await client.getApis({})).Items, ({ Name }) => Name)) {
    const { ApiId } = api;
    const integrations = (await client.getIntegrations({ ApiId })).Items ?? [];
    const routes = [];
    for (const route of by((await client.getRoutes({ ApiId })).Items, ({ RouteKey }) => RouteKey)) {
      const integration = integrations.find(({ IntegrationId }) => route.Target === `integrations/${IntegrationId}`);
      const { IntegrationId } = integration ?? {};
      const answers =
        IntegrationId === undefined ? [] : (await client.getIntegrationResponses({ ApiId, IntegrationId })).Items;
      const responses = (await client.getRouteResponses({ ApiId, RouteId: route.RouteId })).Items;
      routes.push([route, integration, answers, responses]);
    }
    const stages = by((await client.getStages({ ApiId })).Items, ({ StageName }) => StageName);
    found.push(
      api,
      routes,
      stages,
      (await client.getAuthorizers({ ApiId })).Items,
      (await client.getModels({ ApiId })).Items,
    );
  }
  for (const domain of (await client.getDomainNames({})).Items ?? []) {
    const { Items } = await client.getApiMappings({ DomainName: domain.DomainName });
    found.push(
      domain,
      by(Items, ({ ApiMappingKey }) => ApiMappingKey),
    );
  }
  return stable(found);
}

async function damage(): Promise<void> {
  const ApiId = await idOf('orders');
  await gateway.deleteApi({ ApiId: await idOf('live') });
  const routes = (await gateway.getRoutes({ ApiId })).Items ?? [];
  const route = (key: string): string => routes.find(({ RouteKey }) => RouteKey === key)?.RouteId ?? '';
  await gateway.deleteRoute({ ApiId, RouteId: route('GET /orders') });
  await gateway.updateRoute({ ApiId, RouteId: route('POST /orders'), AuthorizationScopes: ['other'] });
  await gateway.createRoute({ ApiId, RouteKey: 'GET /planted' });
  await gateway.updateApi({ ApiId, Description: 'other', CorsConfiguration: { AllowOrigins: ['*'] } });
  await gateway.tagResource({ ResourceArn: `arn:aws:apigateway:${region}::/apis/${ApiId}`, Tags: { site: 'other' } });
  await gateway.updateStage({ ApiId, StageName: '$default', StageVariables: { table: 'other', more: 'yes' } });
  await gateway.deleteStage({ ApiId, StageName: 'fixed' });
  await gateway.deleteDomainName({ DomainName: 'live.acme.example' });
  for (const { VpcLinkId } of (await gateway.getVpcLinks({})).Items ?? []) await gateway.deleteVpcLink({ VpcLinkId });
}

describeConnector('api-gateway-v2', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 6,
    servedBy: 'moto, which lists authorizers, models, responses and deployments by additions of ours only',
    unverified: ['mutual TLS', 'routing rules of domains', 'VPC links that take their time', 'changed domains'],
    seed,
    readBack,
    damage,
  };
});

describe('api-gateway-v2: traps', () => {
  it('speaks of deployments only where a stage does not deploy by itself', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    const classes = (name: string): string[] => (captured.get(name)?.captured.ledger ?? []).map((note) => note.class);
    expect(classes('apis/live')).toEqual(['new-identity']);
    expect(classes('apis/orders')).toEqual(['new-identity', 'needs-human']);
  });
});
