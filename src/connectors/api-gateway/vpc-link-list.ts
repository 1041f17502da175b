import type { APIGateway, VpcLink } from '@aws-sdk/client-api-gateway';
import type { Scene } from '../documents/contract.ts';
import { numbered, type Numbered } from '../documents/numbered.ts';
import { allOf } from './calls.ts';

/** VPC links by name; several may have the same. */
export async function vpcLinks({ client, once }: Scene<APIGateway>): Promise<Numbered<VpcLink>[]> {
  return await once('links', async () => {
    const all = await allOf((position) => client.getVpcLinks({ limit: 500, position }), 'GetVpcLinks', 'api-gateway');
    return numbered(all, ({ name, id }) => ({ name, id }));
  });
}
