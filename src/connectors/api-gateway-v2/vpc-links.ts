import type { ApiGatewayV2, CreateVpcLinkRequest } from '@aws-sdk/client-apigatewayv2';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentKind, Documents, Scene } from '../documents/contract.ts';
import { foundAs, renamed } from '../documents/numbered.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { writeTags } from './tags.ts';
import { vpcLinks } from './vpc-link-list.ts';

const file = 'vpc-link.json';
const byNature = ['VpcLinkId', 'VpcLinkStatus', 'VpcLinkStatusMessage', 'VpcLinkVersion'] as const;
const pause = 5000;
/** A link takes minutes to come up. */
const longest = 15 * 60_000;

async function createLink(scene: Scene<ApiGatewayV2>, name: string, documents: Documents): Promise<Created> {
  const { client, runtime, signal } = scene;
  const resource = `api-gateway-v2/vpc-links/${name}`;
  const { id: _, Name, ...settings } = documents.get(file) as unknown as Facts;
  const request = { ...settings, Name: renamed(Name as string, name) } as unknown as CreateVpcLinkRequest;
  const { VpcLinkId: id = '' } = await required(client.createVpcLink(request), 'CreateVpcLink', resource);
  for (let waited = 0; ; waited += pause) {
    const { VpcLinkStatus, VpcLinkStatusMessage } = await required(
      client.getVpcLink({ VpcLinkId: id }),
      'GetVpcLink',
      resource,
    );
    if (VpcLinkStatus === 'AVAILABLE') return { id };
    if (VpcLinkStatus === 'FAILED' || waited >= longest) {
      const why = VpcLinkStatusMessage ?? VpcLinkStatus;
      throw new HoldfastError('item.unavailable', `${resource} did not come up: ${why}`, { resource });
    }
    await runtime.clock.sleep(pause, signal);
  }
}

export const vpcLinksKind: DocumentKind<ApiGatewayV2> = {
  kind: 'vpc-links',
  async *list(scene: Scene<ApiGatewayV2>) {
    for (const { name, id, item } of await vpcLinks(scene))
      yield { name, id, tags: item.Tags ?? {}, listed: { ...factsOf(item, ...byNature), id } };
  },
  parts: [
    {
      file,
      async read({ client }, { id, resource }, listed) {
        if (listed !== undefined) return listed;
        const link = await required(client.getVpcLink({ VpcLinkId: id }), 'GetVpcLink', resource);
        return { ...factsOf(link, ...byNature), id };
      },
      comparable: (document) => without(document, 'id', 'Name'),
      async write(scene, address, wanted, live) {
        const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
        await writeTags(scene, address, `/vpclinks/${address.id}`, to['Tags'], from['Tags']);
      },
    },
  ],
  live: {
    find: async (scene, name, documents) => foundAs(await vpcLinks(scene), name, documents.get(file))?.id,
    create: createLink,
  },
  notes: () => [
    {
      class: 'needs-human',
      what: 'subnets and security groups of the link',
      why: 'Networks are not restored by Holdfast; another region has others.',
      action: 'Keep the network in your infrastructure code, and create the link there by hand in another region.',
    },
  ],
};
