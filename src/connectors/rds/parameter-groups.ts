import type { RDS } from '@aws-sdk/client-rds';
import { optional, required } from '../aws/classify.ts';
import type { DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { parametersPart } from './parameters.ts';
import { readTags, tags } from './tags.ts';

const says = ['DBParameterGroupFamily', 'Description'] as const;

interface Group {
  readonly DBParameterGroupFamily: string;
  readonly Description: string;
}

/** AWS makes them for each engine, and nobody may change them. */
function isDefault(name: string): boolean {
  return name.startsWith('default.');
}

async function* listGroups(scene: Scene<RDS>): AsyncGenerator<Found> {
  const { client } = scene;
  const ask = (Marker?: string) =>
    required(client.describeDBParameterGroups({ MaxRecords: 100, Marker }), 'DescribeDBParameterGroups', 'rds');
  for await (const { DBParameterGroups = [] } of pages(ask, (page) => page.Marker))
    for (const group of DBParameterGroups) {
      const { DBParameterGroupName: name = '', DBParameterGroupArn: id = '' } = group;
      if (isDefault(name)) continue;
      const found = await readTags(scene, { id, resource: `rds/parameter-groups/${name}` });
      yield { name, id, tags: found, listed: { tags: found, group: pick(group, ...says) } };
    }
}

async function* listClusterGroups(scene: Scene<RDS>): AsyncGenerator<Found> {
  const { client } = scene;
  const ask = (Marker?: string) =>
    required(
      client.describeDBClusterParameterGroups({ MaxRecords: 100, Marker }),
      'DescribeDBClusterParameterGroups',
      'rds',
    );
  for await (const { DBClusterParameterGroups = [] } of pages(ask, (page) => page.Marker))
    for (const group of DBClusterParameterGroups) {
      const { DBClusterParameterGroupName: name = '', DBClusterParameterGroupArn: id = '' } = group;
      if (isDefault(name)) continue;
      const found = await readTags(scene, { id, resource: `rds/cluster-parameter-groups/${name}` });
      yield { name, id, tags: found, listed: { tags: found, group: pick(group, ...says) } };
    }
}

const notFound = [
  'DBParameterGroupNotFound',
  'DBParameterGroupNotFoundFault',
  'DBClusterParameterGroupNotFound',
] as const;

async function group({ client }: Scene<RDS>, DBParameterGroupName: string) {
  const asking = client.describeDBParameterGroups({ DBParameterGroupName });
  const resource = `rds/parameter-groups/${DBParameterGroupName}`;
  return (await optional(asking, 'DescribeDBParameterGroups', resource, ...notFound))?.DBParameterGroups?.[0];
}

async function clusterGroup({ client }: Scene<RDS>, DBClusterParameterGroupName: string) {
  const asking = client.describeDBClusterParameterGroups({ DBClusterParameterGroupName });
  const resource = `rds/cluster-parameter-groups/${DBClusterParameterGroupName}`;
  const found = await optional(asking, 'DescribeDBClusterParameterGroups', resource, ...notFound);
  return found?.DBClusterParameterGroups?.[0];
}

/** Family and description are said once and for all. */
function groupPart(read: (scene: Scene<RDS>, name: string) => Promise<object | undefined>): DocumentPart<RDS> {
  return {
    file: 'parameter-group.json',
    async read(scene, { name }, listed) {
      const known = (listed as { readonly group?: Record<string, string> } | undefined)?.group;
      return known ?? pick(await read(scene, name), ...says);
    },
  };
}

export const parameterGroups: DocumentKind<RDS> = {
  kind: 'parameter-groups',
  list: listGroups,
  parts: [
    groupPart(group),
    parametersPart({
      operations: { set: 'ModifyDBParameterGroup', reset: 'ResetDBParameterGroup' },
      page: ({ client }, { name, resource }, Marker) =>
        required(
          client.describeDBParameters({ DBParameterGroupName: name, Source: 'user', MaxRecords: 100, Marker }),
          'DescribeDBParameters',
          resource,
        ),
      set: ({ client }, DBParameterGroupName, Parameters) =>
        client.modifyDBParameterGroup({ DBParameterGroupName, Parameters }),
      reset: ({ client }, DBParameterGroupName, Parameters) =>
        client.resetDBParameterGroup({ DBParameterGroupName, Parameters }),
    }),
    tags,
  ],
  live: {
    find: async (scene, name) => (await group(scene, name))?.DBParameterGroupArn,
    async create({ client }, DBParameterGroupName, documents) {
      const says = documents.get('parameter-group.json') as unknown as Group;
      const creation = client.createDBParameterGroup({
        DBParameterGroupName,
        ...says,
        Tags: tagList(documents.get('tags.json')),
      });
      const resource = `rds/parameter-groups/${DBParameterGroupName}`;
      const { DBParameterGroup } = await required(creation, 'CreateDBParameterGroup', resource);
      return { id: DBParameterGroup?.DBParameterGroupArn ?? '' };
    },
  },
};

export const clusterParameterGroups: DocumentKind<RDS> = {
  kind: 'cluster-parameter-groups',
  list: listClusterGroups,
  parts: [
    groupPart(clusterGroup),
    parametersPart({
      operations: { set: 'ModifyDBClusterParameterGroup', reset: 'ResetDBClusterParameterGroup' },
      page: ({ client }, { name, resource }, Marker) =>
        required(
          client.describeDBClusterParameters({
            DBClusterParameterGroupName: name,
            Source: 'user',
            MaxRecords: 100,
            Marker,
          }),
          'DescribeDBClusterParameters',
          resource,
        ),
      set: ({ client }, DBClusterParameterGroupName, Parameters) =>
        client.modifyDBClusterParameterGroup({ DBClusterParameterGroupName, Parameters }),
      reset: ({ client }, DBClusterParameterGroupName, Parameters) =>
        client.resetDBClusterParameterGroup({ DBClusterParameterGroupName, Parameters }),
    }),
    tags,
  ],
  live: {
    find: async (scene, name) => (await clusterGroup(scene, name))?.DBClusterParameterGroupArn,
    async create({ client }, DBClusterParameterGroupName, documents) {
      const says = documents.get('parameter-group.json') as unknown as Group;
      const Tags = tagList(documents.get('tags.json'));
      const creation = client.createDBClusterParameterGroup({ DBClusterParameterGroupName, ...says, Tags });
      const resource = `rds/cluster-parameter-groups/${DBClusterParameterGroupName}`;
      const { DBClusterParameterGroup } = await required(creation, 'CreateDBClusterParameterGroup', resource);
      return { id: DBClusterParameterGroup?.DBClusterParameterGroupArn ?? '' };
    },
  },
};
