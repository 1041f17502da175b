import type { Lightsail, PortInfo } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind, Found, Scene } from '../documents/contract.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import { instancesOf } from './instances.ts';
import { inOrder, tagMap } from './listing.ts';

/** What opens the ports of an instance: in no snapshot of Lightsail, and so a resource of its own. */
async function* list(scene: Scene<Lightsail>): AsyncGenerator<Found> {
  for await (const { name = '', arn = '', tags } of instancesOf(scene))
    yield { name, id: `${arn}/firewall`, tags: tagMap(tags) };
}

async function find(scene: Scene<Lightsail>, name: string): Promise<string | undefined> {
  for await (const one of list(scene)) if (one.name === name) return one.id;
  return undefined;
}

async function create(_scene: Scene<Lightsail>, name: string): Promise<never> {
  const resource = `lightsail/firewalls/${name}`;
  await Promise.resolve();
  throw new HoldfastError('item.not-found', `${resource} cannot be opened: the instance ${name} is not there`, {
    resource,
    hint: `Create ${name} from its newest snapshot (recovery-points.json of lightsail/instances/${name}), then restore again.`,
  });
}

export const firewalls: DocumentKind<Lightsail> = {
  kind: 'firewalls',
  rank: 1,
  list,
  parts: [
    {
      file: 'ports.json',
      comparable: (document) => inOrder((document as unknown as Facts[]).map(sorted)),
      async read({ client }, { name, resource }) {
        const asking = client.getInstancePortStates({ instanceName: name });
        const { portStates = [] } = await required(asking, 'GetInstancePortStates', resource);
        return inOrder(portStates.filter(({ state }) => state === 'open').map((one) => sorted(factsOf(one, 'state'))));
      },
      /** Opens these and closes every other one. */
      async write({ client }, { name, resource }, wanted) {
        const portInfos = (wanted ?? []) as unknown as PortInfo[];
        const putting = client.putInstancePublicPorts({ instanceName: name, portInfos });
        await required(putting, 'PutInstancePublicPorts', resource);
      },
    },
  ],
  live: { find, create },
};

/** Ranges in a stable order. */
function sorted(facts: Facts): Json {
  const entries = Object.entries(facts).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(String).sort() : value,
  ]);
  return Object.fromEntries(entries) as Json;
}
