import type { AccessPointDescription, CreateAccessPointCommandInput, EFS } from '@aws-sdk/client-efs';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf } from '../documents/tags.ts';
import { bareId, follows } from './identity.ts';
import { tags } from './tags.ts';

const says = ['ClientToken', 'FileSystemId', 'PosixUser', 'RootDirectory'] as const;

async function* listAccessPoints({ client }: Scene<EFS>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.describeAccessPoints({ MaxResults: 100, NextToken }), 'DescribeAccessPoints', 'efs');
  for await (const { AccessPoints = [] } of pages(ask, (page) => page.NextToken))
    for (const one of AccessPoints) {
      if (isGoing(one)) continue;
      const found = tagsOf(one.Tags);
      const listed = { tags: found, accessPoint: pick(one, ...says) };
      yield { name: one.AccessPointId ?? '', id: one.AccessPointArn ?? '', tags: found, listed };
    }
}

function isGoing({ LifeCycleState }: AccessPointDescription): boolean {
  return LifeCycleState === 'deleting' || LifeCycleState === 'deleted';
}

async function describe({ client, once }: Scene<EFS>, { id, resource }: Address): Promise<AccessPointDescription> {
  return await once('access-point', async () => {
    const asking = client.describeAccessPoints({ AccessPointId: bareId(id) });
    const [found] = (await required(asking, 'DescribeAccessPoints', resource)).AccessPoints ?? [];
    if (found) return found;
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

/** All of it is said once and for all. */
const accessPoint: DocumentPart<EFS> = {
  file: 'access-point.json',
  read: async (scene, address, listed) =>
    (listed as { readonly accessPoint?: Json } | undefined)?.accessPoint ??
    pick(await describe(scene, address), ...says),
  comparable(document) {
    const { ClientToken: _, ...rest } = document as Record<string, Json>;
    return rest;
  },
};

/** Known by the token it was created with, on the file system that its own became. */
function keyOf(name: string, documents: Documents): { readonly FileSystemId: string; readonly ClientToken: string } {
  const said = documents.get(accessPoint.file) as { readonly FileSystemId: string; readonly ClientToken: string };
  return /^fsap-[0-9a-f]+$/.test(name) ? said : { ...said, ClientToken: name };
}

async function find({ client }: Scene<EFS>, name: string, documents: Documents): Promise<string | undefined> {
  const { FileSystemId, ClientToken } = keyOf(name, documents);
  const resource = `efs/access-points/${name}`;
  const ask = (NextToken?: string) =>
    optional(
      client.describeAccessPoints({ FileSystemId, MaxResults: 100, NextToken }),
      'DescribeAccessPoints',
      resource,
      'FileSystemNotFound',
    );
  for await (const page of pages(ask, (one) => one?.NextToken)) {
    const found = page?.AccessPoints?.find((one) => one.ClientToken === ClientToken && !isGoing(one));
    if (found) return found.AccessPointArn;
  }
  return undefined;
}

async function create({ client }: Scene<EFS>, name: string, documents: Documents): Promise<Created> {
  const whole = { ...(documents.get(accessPoint.file) as object), ...keyOf(name, documents) };
  const input: CreateAccessPointCommandInput = { ...whole, Tags: tagList(documents.get('tags.json')) };
  const made = await required(client.createAccessPoint(input), 'CreateAccessPoint', `efs/access-points/${name}`);
  return { id: made.AccessPointArn ?? '' };
}

/** After their file systems. */
export const accessPoints: DocumentKind<EFS> = {
  kind: 'access-points',
  rank: 1,
  list: listAccessPoints,
  parts: [accessPoint, tags(async (scene, address) => tagsOf((await describe(scene, address)).Tags))],
  live: { find, create, follows },
};
