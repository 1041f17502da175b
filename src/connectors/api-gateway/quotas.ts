import type { APIGateway } from '@aws-sdk/client-api-gateway';
import type { DocumentQuota, DocumentQuotas } from '../documents/contract.ts';
import { restApis } from './api.ts';
import { files } from './files.ts';

interface Placed {
  readonly endpointConfiguration?: { readonly types?: readonly string[] | undefined } | undefined;
}

/** Edge-optimized where nothing else is said (CreateRestApi, endpointConfiguration). */
function typeOf(api: Placed | undefined): string {
  return api?.endpointConfiguration?.types?.[0] ?? 'EDGE';
}

/** Each type of endpoint has its own quota of APIs. */
function ofType(type: string, code: string, what: string, named: RegExp): DocumentQuota<APIGateway> {
  return {
    kind: 'apis',
    code,
    what,
    named,
    async takes(kind, captured) {
      if (kind !== 'apis') return [];
      return typeOf((await captured.json('', files.api)) as Placed | undefined) === type ? [''] : [];
    },
    async *there(scene) {
      for (const { item } of await restApis(scene)) if (typeOf(item) === type) yield item;
    },
  };
}

export const quotas: DocumentQuotas<APIGateway> = {
  service: 'apigateway',
  rows: [
    ofType('REGIONAL', 'L-AA0FF27B', 'regional REST APIs', /regional apis/i),
    ofType('EDGE', 'L-B97207D0', 'edge-optimized REST APIs', /edge-optimized apis/i),
    { kind: 'usage-plans', code: 'L-E8693075', what: 'usage plans', named: /^usage plans/i },
    { kind: 'domains', code: 'L-A93447B8', what: 'custom domain names', named: /custom domain names/i },
    { kind: 'vpc-links', code: 'L-A4C7274F', what: 'VPC links of REST APIs', named: /^vpc links/i },
    { kind: 'client-certificates', code: 'L-824C9E42', what: 'client certificates', named: /client certificates/i },
  ],
};
