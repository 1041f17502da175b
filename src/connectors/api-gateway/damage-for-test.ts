import type { APIGateway } from '@aws-sdk/client-api-gateway';
import { clients, gateway, idOf } from './seed-for-test.ts';

/** Ids of what has none in a restore (resources, deployments) and dates left out; the rest as the SDK says it. */
function stable(value: unknown): unknown {
  const volatile = new Set([
    '$metadata',
    'createdDate',
    'lastUpdatedDate',
    'certificateUploadDate',
    'parentId',
    'rootResourceId',
    'deploymentId',
    'pemEncodedCertificate',
    'clientCertificateId',
    'authorizerId',
    'requestValidatorId',
    'cacheNamespace',
  ]);
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (volatile.has(key)) return undefined;
      // The order of keys says nothing.
      return key === 'schema' ? (JSON.parse(inner as string) as unknown) : inner;
    }),
  ) as unknown;
}

const byName = <T>(items: T[] | undefined, name: (item: T) => string | undefined): T[] =>
  (items ?? []).sort((a, b) => ((name(a) ?? '') < (name(b) ?? '') ? -1 : 1));

export async function readBack(where: string): Promise<unknown> {
  const client = clients.get(where) as APIGateway;
  const apis = [];
  for (const { policy, ...api } of byName((await client.getRestApis({})).items, (one) => one.name)) {
    const restApiId = api.id;
    const nameless = (items: object[] | undefined): unknown[] =>
      (items ?? []).map((item) => ({ ...item, id: undefined }));
    apis.push(api, policy ? JSON.parse(policy) : null, [
      nameless(byName((await client.getResources({ restApiId, embed: ['methods'] })).items, (one) => one.path)),
      nameless(byName((await client.getModels({ restApiId })).items, (one) => one.name)),
      nameless((await client.getRequestValidators({ restApiId })).items),
      nameless((await client.getAuthorizers({ restApiId })).items),
      (await client.getGatewayResponses({ restApiId })).items,
      nameless((await client.getDocumentationParts({ restApiId })).items),
      (await client.getStages({ restApiId })).item,
    ]);
  }
  const plans = [];
  for (const plan of (await client.getUsagePlans({})).items ?? [])
    plans.push(plan, (await client.getUsagePlanKeys({ usagePlanId: plan.id })).items);
  const domains = [];
  for (const domain of (await client.getDomainNames({})).items ?? []) {
    const { items } = await client.getBasePathMappings({ domainName: domain.domainName });
    domains.push(
      domain,
      byName(items, (one) => one.basePath),
    );
  }
  return stable([
    apis,
    plans,
    domains,
    (await client.getApiKeys({ includeValues: true })).items,
    (await client.getVpcLinks({})).items,
    (await client.getClientCertificates({})).items,
    await client.getAccount({}),
  ]);
}

export async function damage(): Promise<void> {
  const orders = await idOf('orders');
  await gateway.deleteRestApi({ restApiId: await idOf('status') });
  const { items } = await gateway.getResources({ restApiId: orders, embed: ['methods'] });
  const resource = items?.find(({ path }) => path === '/orders');
  const one = items?.find(({ path }) => path === '/orders/{id}');
  await gateway.deleteResource({ restApiId: orders, resourceId: one?.id });
  await gateway.deleteMethod({ restApiId: orders, resourceId: resource?.id, httpMethod: 'OPTIONS' });
  await gateway.createResource({ restApiId: orders, parentId: resource?.id, pathPart: 'planted' });
  await gateway.updateModel({
    restApiId: orders,
    modelName: 'Order',
    patchOperations: [{ op: 'replace', path: '/schema', value: '{}' }],
  });
  await gateway.deleteGatewayResponse({ restApiId: orders, responseType: 'DEFAULT_4XX' });
  await gateway.updateRestApi({
    restApiId: orders,
    patchOperations: [
      { op: 'replace', path: '/policy', value: '' },
      { op: 'replace', path: '/description', value: 'none' },
    ],
  });
  await gateway.updateStage({
    restApiId: orders,
    stageName: 'live',
    patchOperations: [
      { op: 'replace', path: '/variables/table', value: 'other' },
      { op: 'replace', path: '/~1orders/POST/throttling/rateLimit', value: '500' },
    ],
  });
  await gateway.updateAccount({ patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value: '' }] });
  const [plan] = (await gateway.getUsagePlans({})).items ?? [];
  const [key] = (await gateway.getApiKeys({})).items ?? [];
  await gateway.deleteUsagePlanKey({ usagePlanId: plan?.id, keyId: key?.id });
  await gateway.updateUsagePlan({
    usagePlanId: plan?.id,
    patchOperations: [
      { op: 'remove', path: '/apiStages', value: `${orders}:live` },
      { op: 'replace', path: '/quota/limit', value: '99' },
    ],
  });
  await gateway.deleteApiKey({ apiKey: key?.id });
  await gateway.deleteDomainName({ domainName: 'api.acme.example' });
  for (const link of (await gateway.getVpcLinks({})).items ?? []) await gateway.deleteVpcLink({ vpcLinkId: link.id });
}
