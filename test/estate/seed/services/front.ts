import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import type { Doors } from './doors.ts';
import { identityArn } from './mail.ts';
import { secretsOf } from './secrets.ts';
import type { ServiceClients } from './clients.ts';
import type { Messages } from './messages.ts';

/** What people meet: a certificate, a pool of users, a REST and an HTTP API; then their addresses in the function's environment. */
export async function seedFront(
  clients: ServiceClients,
  site: SiteEnvironment,
  messages: Messages,
  doors: Doors,
): Promise<void> {
  const functionArn = `arn:aws:lambda:${homeRegion}:${account}:function:${site.named('api')}`;
  const pool = await seedPool(clients, site, functionArn);
  const rest = await seedRest(clients, site, functionArn);
  const http = await seedHttp(clients, site, functionArn, pool);
  for (const [StatementId, SourceArn, Principal] of [
    ['rest', `arn:aws:execute-api:${homeRegion}:${account}:${rest}/*/GET/orders`, 'apigateway'],
    ['http', `arn:aws:execute-api:${homeRegion}:${account}:${http}/*/*`, 'apigateway'],
    ['pool', `arn:aws:cognito-idp:${homeRegion}:${account}:userpool/${pool.id}`, 'cognito-idp'],
  ] as const)
    await clients.lambda.addPermission({
      FunctionName: site.named('api'),
      StatementId: `from-${StatementId}`,
      Action: 'lambda:InvokeFunction',
      Principal: `${Principal}.amazonaws.com`,
      SourceArn,
    });
  const FunctionName = site.named('api');
  const { Environment } = await clients.lambda.getFunctionConfiguration({ FunctionName });
  const host = (id: string): string => `https://${id}.execute-api.${homeRegion}.amazonaws.com`;
  await clients.lambda.updateFunctionConfiguration({
    FunctionName,
    Environment: {
      Variables: {
        ...Environment?.Variables,
        KEY_ARN: messages.keyArn,
        POOL_ID: pool.id,
        REPORTS_ALIAS: doors.alias,
        REPORTS_ARN: doors.arn,
        POOL_CLIENT_ID: pool.client,
        PARTNER_API: `${host(rest)}/live`,
        HTTP_API: host(http),
        QUEUE_URL: messages.queueUrl,
        SECRET_ARN: messages.secretArn,
        TOPIC_ARN: messages.topicArn,
      },
    },
  });
}

interface Pool {
  readonly id: string;
  readonly client: string;
}

async function seedPool({ cognito }: ServiceClients, site: SiteEnvironment, functionArn: string): Promise<Pool> {
  const { UserPool } = await cognito.createUserPool({
    PoolName: site.named('people'),
    LambdaConfig: { PreSignUp: functionArn },
    EmailConfiguration: {
      EmailSendingAccount: 'DEVELOPER',
      SourceArn: identityArn(site),
      From: `hello@${site.site.domain}`,
    },
    UserPoolTags: { Site: site.site.name },
  });
  const UserPoolId = UserPool?.Id;
  await cognito.createIdentityProvider({
    UserPoolId,
    ProviderName: 'Google',
    ProviderType: 'Google',
    ProviderDetails: {
      client_id: 'google',
      client_secret: secretsOf(site).identityProvider,
      authorize_scopes: 'openid',
    },
  });
  const { UserPoolClient } = await cognito.createUserPoolClient({
    UserPoolId,
    ClientName: 'web',
    GenerateSecret: true,
    SupportedIdentityProviders: ['COGNITO', 'Google'],
  });
  await cognito.adminCreateUser({
    UserPoolId,
    Username: 'ana',
    UserAttributes: [{ Name: 'email', Value: `ana@${site.site.domain}` }],
    MessageAction: 'SUPPRESS',
  });
  return { id: UserPoolId ?? '', client: UserPoolClient?.ClientId ?? '' };
}

async function seedRest({ rest }: ServiceClients, site: SiteEnvironment, functionArn: string): Promise<string> {
  const { id: restApiId = '' } = await rest.createRestApi({
    name: site.named('partner'),
    tags: { Site: site.site.name },
    endpointConfiguration: { types: ['REGIONAL'] },
  });
  const { items = [] } = await rest.getResources({ restApiId });
  const orders = await rest.createResource({ restApiId, parentId: items[0]?.id, pathPart: 'orders' });
  const get = { restApiId, resourceId: orders.id, httpMethod: 'GET' };
  await rest.putMethod({ ...get, authorizationType: 'NONE', apiKeyRequired: true });
  await rest.putIntegration({
    ...get,
    type: 'AWS_PROXY',
    integrationHttpMethod: 'POST',
    uri: `arn:aws:apigateway:${homeRegion}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
  });
  const { id: deploymentId } = await rest.createDeployment({ restApiId });
  await rest.createStage({ restApiId, stageName: 'live', deploymentId });
  const plan = await rest.createUsagePlan({
    name: site.named('partners'),
    apiStages: [{ apiId: restApiId, stage: 'live' }],
  });
  const key = await rest.createApiKey({ name: site.named('partner'), value: secretsOf(site).apiKey, enabled: true });
  await rest.createUsagePlanKey({ usagePlanId: plan.id, keyId: key.id, keyType: 'API_KEY' });
  return restApiId;
}

async function seedHttp(
  { http, acm }: ServiceClients,
  site: SiteEnvironment,
  functionArn: string,
  pool: Pool,
): Promise<string> {
  const { ApiId = '' } = await http.createApi({
    Name: site.named('app'),
    ProtocolType: 'HTTP',
    Tags: { Site: site.site.name },
  });
  const { AuthorizerId } = await http.createAuthorizer({
    ApiId,
    Name: 'people',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: {
      Audience: [pool.client],
      Issuer: `https://cognito-idp.${homeRegion}.amazonaws.com/${pool.id}`,
    },
  });
  const { IntegrationId } = await http.createIntegration({
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: functionArn,
    PayloadFormatVersion: '2.0',
  });
  await http.createRoute({
    ApiId,
    RouteKey: 'GET /orders',
    Target: `integrations/${IntegrationId}`,
    AuthorizationType: 'JWT',
    AuthorizerId,
  });
  await http.createStage({ ApiId, StageName: '$default', AutoDeploy: true });
  const DomainName = `api-${site.environment}.${site.site.domain}`;
  const { CertificateArn } = await acm.requestCertificate({
    DomainName,
    ValidationMethod: 'DNS',
    Tags: [{ Key: 'Site', Value: site.site.name }],
  });
  await http.createDomainName({
    DomainName,
    DomainNameConfigurations: [{ CertificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
  });
  await http.createApiMapping({ DomainName, ApiId, Stage: '$default' });
  return ApiId;
}
