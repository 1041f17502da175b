import type { Lightsail, StaticIp } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { RestoreContext, RestoreMode } from '../contract.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { absent } from './by-name.ts';

const files = { address: 'static-ip.json', attachment: 'attachment.json' } as const;

async function* list({ client }: Scene<Lightsail>): AsyncGenerator<Found> {
  const all = pages(
    (pageToken) => required(client.getStaticIps({ pageToken }), 'GetStaticIps', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const { staticIps = [] } of all)
    for (const one of staticIps) yield { name: one.name ?? '', id: one.arn ?? '', listed: { ...said(one) } };
}

interface Said {
  readonly ipAddress: string;
  readonly attachedTo?: string;
}

function said({ ipAddress = '', attachedTo }: StaticIp): Said {
  return { ipAddress, ...(attachedTo ? { attachedTo } : {}) };
}

async function read(scene: Scene<Lightsail>, { name, resource }: Address, listed: unknown): Promise<Said> {
  if (listed !== undefined) return listed as Said;
  return await scene.once('static ip', async () => {
    const { staticIp = {} } = await required(scene.client.getStaticIp({ staticIpName: name }), 'GetStaticIp', resource);
    return said(staticIp);
  });
}

/** Also tells entries of zones where its address went, where an earlier restore allocated it. */
async function find(
  { client, learn }: Scene<Lightsail> & Partial<Pick<RestoreContext, 'learn'>>,
  name: string,
  documents: Documents,
): Promise<string | undefined> {
  const asking = client.getStaticIp({ staticIpName: name });
  const answer = await optional(asking, 'GetStaticIp', `lightsail/static-ips/${name}`, ...absent);
  const from = addressIn(documents);
  const to = answer?.staticIp?.ipAddress ?? from;
  if (from !== '' && from !== to) learn?.(from, to);
  return answer?.staticIp?.arn;
}

/** Under its name, with another address. */
async function create(scene: Scene<Lightsail>, name: string, documents: Documents): Promise<Created> {
  const resource = `lightsail/static-ips/${name}`;
  const { client } = scene;
  await required(client.allocateStaticIp({ staticIpName: name }), 'AllocateStaticIp', resource);
  const { staticIp } = await required(client.getStaticIp({ staticIpName: name }), 'GetStaticIp', resource);
  const from = addressIn(documents);
  const to = staticIp?.ipAddress ?? '';
  return {
    id: staticIp?.arn ?? '',
    identities: from === '' ? [] : [{ from, to }],
    class: 'new-identity',
    note: `The address is ${to} now; it was ${from}.`,
  };
}

function addressIn(documents: Documents): string {
  return (documents.get(files.address) as { readonly ipAddress?: string } | undefined)?.ipAddress ?? '';
}

const attachment: DocumentPart<Lightsail> = {
  file: files.attachment,
  phase: 'settle',
  async read(scene, address, listed) {
    const { attachedTo } = await read(scene, address, listed);
    return attachedTo === undefined ? undefined : { instance: attachedTo };
  },
  async write(scene, { name, resource }, wanted, live) {
    const { client } = scene;
    if (live !== undefined) await detach(client, name, resource);
    if (wanted === undefined) return;
    const { instance: instanceName } = wanted as { readonly instance: string };
    await makeRoom(scene, instanceName, resource);
    await required(client.attachStaticIp({ staticIpName: name, instanceName }), 'AttachStaticIp', resource);
  },
};

async function detach(client: Lightsail, staticIpName: string, resource: string): Promise<void> {
  await required(client.detachStaticIp({ staticIpName }), 'DetachStaticIp', resource);
}

/** An instance has one address. What is there already stays where nothing may be changed. */
async function makeRoom(
  scene: Scene<Lightsail> & { readonly mode?: RestoreMode },
  instance: string,
  resource: string,
): Promise<void> {
  for await (const { name, listed } of list(scene)) {
    if ((listed as unknown as Said).attachedTo !== instance) continue;
    if (scene.mode === 'create-missing')
      throw new HoldfastError('item.conflict', `${instance} has the address ${name}, so ${resource} cannot be there`, {
        resource,
        hint: 'Detach it by hand, or restore with --mode revert-changed.',
      });
    await detach(scene.client, name, resource);
  }
}

export const staticIps: DocumentKind<Lightsail> = {
  kind: 'static-ips',
  list,
  parts: [
    {
      file: files.address,
      comparable: () => undefined,
      async read(scene, address, listed) {
        return { ipAddress: (await read(scene, address, listed)).ipAddress };
      },
    },
    attachment,
  ],
  live: { find, create },
  notes: (documents) => [
    {
      class: 'new-identity',
      what: 'address',
      why: 'An address that was released cannot be had again.',
      action: `Know who names ${addressIn(documents)}. Records of zones in Lightsail that are restored with it follow.`,
    },
  ],
};
