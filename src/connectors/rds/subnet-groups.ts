import type { DBSubnetGroup, RDS } from '@aws-sdk/client-rds';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

/** A group of this name nobody may make: RDS does, where there is a default VPC. */
const everywhere = 'default';

async function* listGroups(scene: Scene<RDS>): AsyncGenerator<Found> {
  const ask = (Marker?: string) =>
    required(scene.client.describeDBSubnetGroups({ MaxRecords: 100, Marker }), 'DescribeDBSubnetGroups', 'rds');
  for await (const { DBSubnetGroups = [] } of pages(ask, (page) => page.Marker))
    for (const group of DBSubnetGroups) {
      const { DBSubnetGroupName: name = '', DBSubnetGroupArn: id = '' } = group;
      if (name === everywhere) continue;
      const found = await readTags(scene, { id, resource: `rds/subnet-groups/${name}` });
      yield { name, id, tags: found, listed: { tags: found, group: documentOf(group) } };
    }
}

interface Group {
  readonly DBSubnetGroupDescription: string;
  readonly SubnetIds: string[];
}

function documentOf({ DBSubnetGroupDescription = '', Subnets = [], VpcId = '' }: DBSubnetGroup): Json {
  return { DBSubnetGroupDescription, SubnetIds: Subnets.map((one) => one.SubnetIdentifier ?? '').sort(), VpcId };
}

async function find({ client }: Scene<RDS>, DBSubnetGroupName: string): Promise<DBSubnetGroup | undefined> {
  const asking = client.describeDBSubnetGroups({ DBSubnetGroupName });
  const resource = `rds/subnet-groups/${DBSubnetGroupName}`;
  const found = await optional(asking, 'DescribeDBSubnetGroups', resource, 'DBSubnetGroupNotFoundFault');
  return found?.DBSubnetGroups?.[0];
}

/** Subnets decide the VPC, and must be there: their ids are rewritten where they were restored before. */
const group: DocumentPart<RDS> = {
  file: 'subnet-group.json',
  read: async (scene, { name }, listed) =>
    (listed as { readonly group?: Json } | undefined)?.group ?? documentOf((await find(scene, name)) ?? {}),
  comparable(document) {
    const { DBSubnetGroupDescription, SubnetIds } = document as unknown as Group;
    return { DBSubnetGroupDescription, SubnetIds: SubnetIds.toSorted() };
  },
  async write({ client }, { name, resource }, wanted) {
    const { DBSubnetGroupDescription, SubnetIds } = wanted as unknown as Group;
    const changing = client.modifyDBSubnetGroup({ DBSubnetGroupName: name, DBSubnetGroupDescription, SubnetIds });
    await required(changing, 'ModifyDBSubnetGroup', resource);
  },
};

export const subnetGroups: DocumentKind<RDS> = {
  kind: 'subnet-groups',
  list: listGroups,
  parts: [group, tags],
  live: {
    find: async (scene, name) => (await find(scene, name))?.DBSubnetGroupArn,
    async create({ client }, DBSubnetGroupName, documents) {
      const { DBSubnetGroupDescription, SubnetIds } = documents.get(group.file) as unknown as Group;
      const says = { DBSubnetGroupDescription, SubnetIds, Tags: tagList(documents.get('tags.json')) };
      const creation = client.createDBSubnetGroup({ DBSubnetGroupName, ...says });
      const made = await required(creation, 'CreateDBSubnetGroup', `rds/subnet-groups/${DBSubnetGroupName}`);
      return { id: made.DBSubnetGroup?.DBSubnetGroupArn ?? '' };
    },
  },
};
