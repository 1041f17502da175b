import type { ApiGatewayV2, VpcLink } from '@aws-sdk/client-apigatewayv2';
import type { Scene } from '../documents/contract.ts';
import { numbered, type Numbered } from '../documents/numbered.ts';
import { allOf } from './calls.ts';

/** VPC links by name; several may have the same. */
export async function vpcLinks({ client, once }: Scene<ApiGatewayV2>): Promise<Numbered<VpcLink>[]> {
  return await once('links', async () => {
    const all = await allOf((NextToken) => client.getVpcLinks({ NextToken }), 'GetVpcLinks', 'api-gateway-v2');
    return numbered(all, (link) => ({ name: link.Name, id: link.VpcLinkId, at: link.CreatedDate }));
  });
}
