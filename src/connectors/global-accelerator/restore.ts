import type { Accelerator, GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import type { Created, Documents, Scene } from '../documents/contract.ts';
import { foundAs, renamed, type Numbered } from '../documents/numbered.ts';
import { tagList } from '../documents/tags.ts';
import { accelerators, factsOfAccelerator, files, type AcceleratorFacts } from './accelerators.ts';
import { ownAddresses } from './byoip.ts';
import { deployed } from './deployed.ts';
import { addressChanges, addressesOf } from './identity.ts';
import type { Listener } from './listeners.ts';

export type Learning = Scene<GlobalAccelerator> & Partial<Pick<RestoreContext, 'learn'>>;

/** Also tells whoever names it where its addresses went, where an earlier restore made it. */
export async function findAccelerator(
  scene: Learning,
  name: string,
  documents: Documents,
): Promise<string | undefined> {
  return foundAmong(scene, await accelerators(scene), name, documents.get(files.accelerator));
}

export function foundAmong(
  scene: Learning,
  all: readonly Numbered<Accelerator>[],
  name: string,
  document: Json | undefined,
): string | undefined {
  const was = document as unknown as AcceleratorFacts | undefined;
  const found = foundAs(all, name, document);
  if (found && was && found.id !== was.id)
    for (const { from, to } of addressChanges(was, factsOfAccelerator(found.item))) scene.learn?.(from, to);
  return found?.id;
}

/**
 * Disabled, without listeners: it begins at the end. Addresses of a range of one's own are asked for again where nothing else
 * has them; all others are new.
 */
export async function createAccelerator(
  scene: Scene<GlobalAccelerator>,
  name: string,
  documents: Documents,
): Promise<Created> {
  const resource = `global-accelerator/accelerators/${name}`;
  const was = documents.get(files.accelerator) as unknown as AcceleratorFacts | undefined;
  if (!was) throw new HoldfastError('item.not-found', `${resource} was captured without its facts`, { resource });
  const own = await ownAddresses(scene, addressesOf(was));
  const Tags = tagList(documents.get(files.tags));
  const creating = scene.client.createAccelerator({
    Name: renamed(was.Name, name),
    IpAddressType: was.IpAddressType as 'IPV4',
    Enabled: false,
    ...(own.length > 0 ? { IpAddresses: own } : {}),
    ...(Tags.length > 0 ? { Tags } : {}),
  });
  const { Accelerator = {} } = await required(creating, 'CreateAccelerator', resource);
  const is = factsOfAccelerator(Accelerator);
  await deployed(scene, is.id, resource);
  return remade(was, is);
}

/** What is told of one that was made again. */
export function remade(was: AcceleratorFacts, is: AcceleratorFacts): Created {
  const identities = addressChanges(was, is);
  if (!identities.some(({ from }) => addressesOf(was).includes(from))) return { id: is.id, identities };
  return {
    id: is.id,
    identities,
    class: 'needs-human',
    note:
      `Its addresses are ${addressesOf(is).join(', ')} now; they were ${addressesOf(was).join(', ')}. ` +
      `Its name is ${is.DnsName ?? ''}; it was ${was.DnsName ?? ''}. Tell allow lists, and DNS that is not restored with it.`,
  };
}

export function notes(documents: Documents): readonly LedgerNote[] {
  const facts = documents.get(files.accelerator) as unknown as AcceleratorFacts | undefined;
  const listeners = (documents.get(files.listeners) ?? []) as unknown as readonly Listener[];
  const [, , , , account] = (facts?.id ?? '').split(':');
  const others = listeners
    .flatMap((one) => one.EndpointGroups.flatMap(({ Endpoints }) => Endpoints))
    .filter(({ Endpoint }) => account !== undefined && Endpoint.split(':')[4] !== account);
  return [
    {
      class: 'new-identity',
      what: 'static addresses and DNS name',
      why: 'They belong to the accelerator for as long as it exists, and go with it. A restore never deletes one; one that was deleted comes back with others, unless the addresses are of a range of your own (BYOIP).',
      action: `Know who names ${[...(facts ? addressesOf(facts) : []), facts?.DnsName ?? ''].join(', ')}: allow lists of others, firewalls, DNS elsewhere. Records of zones that are restored with it follow.`,
    },
    ...(others.length > 0 ? [ofOtherAccounts(others.map(({ Endpoint }) => Endpoint))] : []),
  ];
}

function ofOtherAccounts(endpoints: readonly string[]): LedgerNote {
  return {
    class: 'needs-human',
    what: 'endpoints of other accounts',
    why: `${endpoints.join(', ')}: the other account decides who may use it, by an attachment that names this account or this accelerator.`,
    action: 'Where the attachment names the accelerator, have the other account name the new one; then restore again.',
  };
}
