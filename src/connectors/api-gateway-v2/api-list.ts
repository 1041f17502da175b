import type { Api, ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { numbered, type Numbered } from '../documents/numbered.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import { allOf } from './calls.ts';

export const byNature = ['ApiId', 'ApiEndpoint', 'ApiGatewayManaged', 'ImportInfo', 'Warnings'] as const;

/** APIs by name; several may have the same. */
export async function apis({ client, once }: Scene<ApiGatewayV2>): Promise<Numbered<Api>[]> {
  return await once('apis', async () => {
    const all = await allOf((NextToken) => client.getApis({ NextToken }), 'GetApis', 'api-gateway-v2');
    return numbered(all, (api) => ({ name: api.Name, id: api.ApiId, at: api.CreatedDate }));
  });
}

export async function apiOf(
  { client, once }: Scene<ApiGatewayV2>,
  { id, resource }: Address,
  listed?: Json,
): Promise<Facts> {
  if (listed !== undefined) return listed as Facts;
  const asking = async (): Promise<Facts> => ({
    ...factsOf(await required(client.getApi({ ApiId: id }), 'GetApi', resource), ...byNature),
    id,
  });
  return await once('api', asking);
}
