import type { Attachment, GlobalAccelerator, Resource } from '@aws-sdk/client-global-accelerator';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { ifAllowed } from '../documents/allowed.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { foundAs, numbered, renamed, type Numbered } from '../documents/numbered.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags } from './accelerators.ts';
import { follows } from './identity.ts';
import { tags } from './tags.ts';

const file = 'attachment.json';

interface Facts {
  readonly id: string;
  readonly Name: string;
  readonly Principals: readonly string[];
  readonly Resources: readonly Resource[];
}

async function attachments({ client, once }: Scene<GlobalAccelerator>): Promise<Numbered<Attachment>[]> {
  return await once('attachments', async () => {
    const found: Attachment[] = [];
    const ask = (NextToken?: string) =>
      required(
        client.listCrossAccountAttachments({ MaxResults: 100, NextToken }),
        'ListCrossAccountAttachments',
        'global-accelerator',
      );
    for await (const page of pages(ask, (one) => one.NextToken)) found.push(...(page.CrossAccountAttachments ?? []));
    return numbered(found, (one) => ({ name: one.Name, id: one.AttachmentArn, at: one.CreatedTime }));
  });
}

async function* list(scene: Scene<GlobalAccelerator>): AsyncGenerator<Found> {
  for (const { name, id, item } of await attachments(scene)) {
    const own = await ifAllowed(readTags(scene, { id, name, resource: `global-accelerator/attachments/${name}` }));
    const listed = { facts: factsOf(item), ...(own ? { tags: own } : {}) };
    yield { name, id, ...(own ? { tags: own } : {}), listed: listed as unknown as Json };
  }
}

function factsOf({ AttachmentArn: id = '', Name = '', Principals = [], Resources = [] }: Attachment): Facts {
  return {
    id,
    Name,
    ...inOrder({ Principals, Resources: Resources.map((one) => pick(one, 'EndpointId', 'Cidr', 'Region')) }),
  };
}

/** Another order where a restore gave others of them other names. */
function inOrder({ Principals, Resources }: Pick<Facts, 'Principals' | 'Resources'>) {
  const text = (one: Resource): string => canonicalJson(one as Json);
  return {
    Principals: Principals.toSorted(),
    Resources: Resources.toSorted((a, b) => (text(a) < text(b) ? -1 : 1)),
  };
}

const attachment: DocumentPart<GlobalAccelerator> = {
  file,
  // Accelerators and endpoints that are restored in the same run.
  phase: 'settle',
  comparable: (document) => inOrder(settled(document as unknown as Facts)) as unknown as Json,
  async read({ client }, { id, resource }, listed) {
    const known = (listed as { readonly facts?: Json } | undefined)?.facts;
    if (known !== undefined) return known;
    const asking = client.describeCrossAccountAttachment({ AttachmentArn: id });
    const answer = await required(asking, 'DescribeCrossAccountAttachment', resource);
    return factsOf(answer.CrossAccountAttachment ?? {}) as unknown as Json;
  },
  async write({ client }, { id, resource }, wanted, live) {
    const now = live as unknown as Facts;
    const goal = settled(wanted as unknown as Facts);
    const without = <Item>(all: readonly Item[], others: readonly Item[]): Item[] => {
      const texts = new Set(others.map((one) => canonicalJson(one as Json)));
      return all.filter((one) => !texts.has(canonicalJson(one as Json)));
    };
    const updating = client.updateCrossAccountAttachment({
      AttachmentArn: id,
      AddPrincipals: without(goal.Principals, now.Principals),
      RemovePrincipals: without(now.Principals, goal.Principals),
      AddResources: without(goal.Resources, now.Resources),
      RemoveResources: without(now.Resources, goal.Resources),
    });
    await required(updating, 'UpdateCrossAccountAttachment', resource);
  },
};

/** An endpoint is in the region of its ARN, where a restore may have moved it. */
function settled(facts: Facts): Facts {
  const Resources = facts.Resources.map((one) => {
    const Region = one.EndpointId?.split(':')[3];
    return one.Region === undefined || !Region ? one : { ...one, Region };
  });
  return { ...facts, Resources };
}

async function create({ client }: Scene<GlobalAccelerator>, name: string, documents: Documents): Promise<Created> {
  const own = (documents.get(file) as unknown as Facts | undefined)?.Name;
  const Tags = tagList(documents.get('tags.json'));
  const creating = client.createCrossAccountAttachment({
    Name: renamed(own, name),
    ...(Tags.length > 0 ? { Tags } : {}),
  });
  const resource = `global-accelerator/attachments/${name}`;
  const answer = await required(creating, 'CreateCrossAccountAttachment', resource);
  return { id: answer.CrossAccountAttachment?.AttachmentArn ?? '' };
}

/** What of this account other accounts may use as endpoints of theirs. */
export const crossAccountAttachments: DocumentKind<GlobalAccelerator> = {
  kind: 'attachments',
  list,
  parts: [attachment, tags],
  live: {
    find: async (scene, name, documents) => foundAs(await attachments(scene), name, documents.get(file))?.id,
    create,
    follows,
  },
};

/** Endpoints of other accounts that this accelerator may have, and the attachments that say so; for calls that add them. */
export async function attachmentsOfOthers(
  { client }: Scene<GlobalAccelerator>,
  { id, resource }: Address,
): Promise<ReadonlyMap<string, string>> {
  const asking = client.listCrossAccountResourceAccounts({});
  const answer = await required(asking, 'ListCrossAccountResourceAccounts', resource);
  const found = new Map<string, string>();
  for (const ResourceOwnerAwsAccountId of answer.ResourceOwnerAwsAccountIds ?? []) {
    const ask = (NextToken?: string) =>
      required(
        client.listCrossAccountResources({ AcceleratorArn: id, ResourceOwnerAwsAccountId, NextToken }),
        'ListCrossAccountResources',
        resource,
      );
    for await (const { CrossAccountResources = [] } of pages(ask, (page) => page.NextToken))
      for (const { EndpointId, AttachmentArn } of CrossAccountResources)
        if (EndpointId !== undefined && AttachmentArn !== undefined) found.set(EndpointId, AttachmentArn);
  }
  return found;
}
