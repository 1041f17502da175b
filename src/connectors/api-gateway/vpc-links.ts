import type { APIGateway, CreateVpcLinkRequest } from '@aws-sdk/client-api-gateway';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { foundAs, renamed } from '../documents/numbered.ts';
import { patchesOf } from './patches.ts';
import { writeTags } from './tags.ts';
import { vpcLinks } from './vpc-link-list.ts';

const file = 'link.json';
const pause = 5000;
/** A link takes minutes to come up. */
const longest = 15 * 60_000;

async function* listLinks(scene: Scene<APIGateway>): AsyncGenerator<Found> {
  for (const { name, id, item } of await vpcLinks(scene))
    yield { name, id, tags: item.tags ?? {}, listed: factsOf(item, 'status', 'statusMessage') };
}

async function createLink(scene: Scene<APIGateway>, name: string, documents: Documents): Promise<Created> {
  const { client, runtime, signal } = scene;
  const resource = `api-gateway/vpc-links/${name}`;
  const { name: own, description, targetArns, tags } = documents.get(file) as unknown as Facts;
  const request = {
    description,
    targetArns,
    tags,
    name: renamed(own as string, name),
  } as unknown as CreateVpcLinkRequest;
  const { id = '' } = await required(client.createVpcLink(request), 'CreateVpcLink', resource);
  for (let waited = 0; ; waited += pause) {
    const { status, statusMessage } = await required(client.getVpcLink({ vpcLinkId: id }), 'GetVpcLink', resource);
    if (status === 'AVAILABLE') return { id };
    if (status === 'FAILED' || waited >= longest)
      throw new HoldfastError('item.unavailable', `${resource} did not come up: ${statusMessage ?? status}`, {
        resource,
      });
    await runtime.clock.sleep(pause, signal);
  }
}

export const vpcLinksKind: DocumentKind<APIGateway> = {
  kind: 'vpc-links',
  list: listLinks,
  parts: [
    {
      file,
      async read({ client }, { id, resource }, listed) {
        if (listed !== undefined) return listed;
        return factsOf(
          await required(client.getVpcLink({ vpcLinkId: id }), 'GetVpcLink', resource),
          'status',
          'statusMessage',
        );
      },
      comparable: (document) => without(document, 'id', 'name'),
      async write(scene, address, wanted, live) {
        const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
        const patchOperations = patchesOf(to, from, { description: '/description' });
        const update = { vpcLinkId: address.id, patchOperations };
        if (patchOperations.length > 0)
          await required(scene.client.updateVpcLink(update), 'UpdateVpcLink', address.resource);
        await writeTags(scene, address, `/vpclinks/${address.id}`, to['tags'], from['tags']);
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
      what: 'load balancers behind the link',
      why: 'Network load balancers are not restored by Holdfast; another region has others.',
      action: 'Create them first, under the same names.',
    },
  ],
};
