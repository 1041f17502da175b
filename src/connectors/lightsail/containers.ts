import type { Container, ContainerService, Lightsail } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { factsOf } from '../documents/said.ts';
import { found, listed, tagMap } from './listing.ts';

async function all({ client }: Scene<Lightsail>): Promise<ContainerService[]> {
  return (await required(client.getContainerServices({}), 'GetContainerServices', 'lightsail')).containerServices ?? [];
}

/** Nothing is taken from the listing but that they are there: it holds the environment, which is secret. */
async function* list(scene: Scene<Lightsail>): AsyncGenerator<Found> {
  for (const one of await all(scene)) {
    const { listed: _, ...rest } = found({ ...one, name: one.containerServiceName }, listed({}));
    yield { ...rest, tags: tagMap(one.tags) };
  }
}

async function read(scene: Scene<Lightsail>, { name, resource }: Address): Promise<ContainerService> {
  return await scene.once('service', async () => {
    const asking = scene.client.getContainerServices({ serviceName: name });
    const [one] = (await required(asking, 'GetContainerServices', resource)).containerServices ?? [];
    if (one) return one;
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

function containersOf({ currentDeployment }: ContainerService): [string, Container][] {
  return Object.entries(currentDeployment?.containers ?? {});
}

/** What runs, with the names of its variables only. */
const deployment: DocumentPart<Lightsail> = {
  file: 'deployment.json',
  async read(scene, address) {
    const service = await read(scene, address);
    if (!service.currentDeployment) return undefined;
    const containers = containersOf(service).map(([name, container]) => {
      const variables = Object.keys(container.environment ?? {}).sort();
      return [name, { ...factsOf(container, 'environment'), ...(variables.length > 0 ? { variables } : {}) }] as const;
    });
    const publicEndpoint = factsOf(service.currentDeployment.publicEndpoint);
    return { containers: Object.fromEntries(containers), publicEndpoint };
  },
};

/** Variables by container: passwords and keys, as a rule. */
const environment: DocumentPart<Lightsail> = {
  file: 'environment.json',
  secret: true,
  async read(scene, address) {
    const set = containersOf(await read(scene, address)).filter(
      ([, one]) => Object.keys(one.environment ?? {}).length > 0,
    );
    return set.length === 0 ? undefined : Object.fromEntries(set.map(([name, one]) => [name, one.environment ?? {}]));
  },
};

const images: DocumentPart<Lightsail> = {
  file: 'images.json',
  async read({ client }, { name, resource }) {
    const asking = client.getContainerImages({ serviceName: name });
    const { containerImages = [] } = await required(asking, 'GetContainerImages', resource);
    const facts = containerImages.map(({ image = '', digest = '' }) => ({ image, digest }));
    return facts.length === 0 ? undefined : facts.sort((a, b) => (a.image < b.image ? -1 : 1));
  },
};

export const containerServices: DocumentKind<Lightsail> = {
  kind: 'container-services',
  list,
  parts: [
    {
      file: 'service.json',
      async read(scene, address) {
        const { containerServiceName: _, ...service } = await read(scene, address);
        return listed(service, 'currentDeployment', 'nextDeployment', 'stateDetail', 'principalArn').facts;
      },
    },
    {
      file: 'tags.json',
      async read(scene, address) {
        const tags = tagMap((await read(scene, address)).tags);
        return Object.keys(tags).length === 0 ? undefined : tags;
      },
    },
    deployment,
    environment,
    images,
  ],
  directoryOnly: 'a container service is created by hand from its documents (CreateContainerService)',
  notes: (documents) => [
    ...(documents.has('images.json')
      ? [
          {
            class: 'lost' as const,
            what: 'images',
            why: 'Images that were pushed to Lightsail cannot be downloaded.',
            action: 'Keep them in a registry of their own, and deploy from there.',
          },
        ]
      : []),
    {
      class: 'new-identity',
      what: 'address',
      why: 'A container service that is created again has another address.',
      action: 'Use a domain of your own, and let it lead to the new one.',
    },
  ],
};
