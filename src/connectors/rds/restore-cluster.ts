import type {
  CreateDBInstanceCommandInput,
  DBCluster,
  RDS,
  RestoreDBClusterFromSnapshotCommandInput,
} from '@aws-sdk/client-rds';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentPart, DocumentRestore, Documents, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf } from '../documents/tags.ts';
import { modifyCluster, restoreCluster } from './database-settings.ts';
import { available, differing, foreseePoint, pointFor } from './from-point.ts';
import { clusterSnapshots } from './points.ts';
import { instanceAvailable, moved } from './restore-instance.ts';

async function findCluster({ client }: Scene<RDS>, DBClusterIdentifier: string): Promise<DBCluster | undefined> {
  const asking = client.describeDBClusters({ DBClusterIdentifier });
  const resource = `rds/clusters/${DBClusterIdentifier}`;
  return (await optional(asking, 'DescribeDBClusters', resource, 'DBClusterNotFoundFault'))?.DBClusters?.[0];
}

async function clusterAvailable(scene: Scene<RDS>, name: string): Promise<DBCluster> {
  let found: DBCluster | undefined;
  const resource = `rds/clusters/${name}`;
  await available(scene, resource, async () => {
    found = await findCluster(scene, name);
    const pending = Object.values(found?.PendingModifiedValues ?? {}).some((value) => value !== undefined);
    return found && { status: found.Status, isChanging: pending };
  });
  if (found) return found;
  throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
}

async function create(scene: Scene<RDS>, name: string, documents: Documents): Promise<Created> {
  const resource = `rds/clusters/${name}`;
  const point = await pointFor(scene, clusterSnapshots, resource);
  const document = documents.get('cluster.json') ?? {};
  const input = {
    DBClusterIdentifier: name,
    SnapshotIdentifier: point.name,
    ...restoreCluster(document),
    Tags: tagList(documents.get('tags.json')),
  } as unknown as RestoreDBClusterFromSnapshotCommandInput;
  await required(scene.client.restoreDBClusterFromSnapshot(input), 'RestoreDBClusterFromSnapshot', resource);
  const made = await clusterAvailable(scene, name);
  const old = document as DBCluster;
  return {
    id: made.DBClusterArn ?? '',
    identities: moved([
      [old.Endpoint, made.Endpoint],
      [old.ReaderEndpoint, made.ReaderEndpoint],
      [old.DbClusterResourceId, made.DbClusterResourceId],
    ]),
  };
}

/** A cluster is made of its recovery point; its members are made empty, and find the data in it. */
export const clusterRestore: DocumentRestore<RDS> = {
  find: async (scene, name) => (await findCluster(scene, name))?.DBClusterArn,
  foresee: (scene, name) => foreseePoint(scene, clusterSnapshots, `rds/clusters/${name}`),
  create,
};

export async function writeCluster(
  scene: Scene<RDS>,
  { name, resource }: Address,
  wanted: Json | undefined,
): Promise<void> {
  const before = await clusterAvailable(scene, name);
  const changes = differing(modifyCluster(wanted ?? {}), modifyCluster(facts(before)));
  if (Object.keys(changes).length === 0) return;
  const input = { DBClusterIdentifier: name, ApplyImmediately: true, ...changes };
  await required(scene.client.modifyDBCluster(input), 'ModifyDBCluster', resource);
  await clusterAvailable(scene, name);
}

export function comparableCluster(document: Json): Json {
  const { VpcSecurityGroups = [], ...said } = document as DBCluster;
  const security = VpcSecurityGroups.map((one) => one.VpcSecurityGroupId ?? '').sort();
  return {
    ...facts(
      said,
      'DBClusterArn',
      'DbClusterResourceId',
      'Endpoint',
      'ReaderEndpoint',
      'CustomEndpoints',
      'HostedZoneId',
      'MasterUserSecret',
      'KmsKeyId',
      'AvailabilityZones',
      // Which of them writes changes with each failover; who they are is in members.json.
      'DBClusterMembers',
    ),
    security,
  };
}

const ofMember = [
  'DBInstanceClass',
  'Engine',
  'PromotionTier',
  'PubliclyAccessible',
  'AutoMinorVersionUpgrade',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'CopyTagsToSnapshot',
] as const;

interface Member {
  readonly [setting: string]: Json;
  readonly DBInstanceIdentifier: string;
  readonly Tags: Record<string, string>;
}

/** What the members of a cluster are like, by which they are made again: `instances/…` have no data of their own. */
export const clusterMembers: DocumentPart<RDS> = {
  file: 'members.json',
  async read({ client }, { name, resource }) {
    const Filters = [{ Name: 'db-cluster-id', Values: [name] }];
    const ask = (Marker?: string) =>
      required(client.describeDBInstances({ Filters, Marker, MaxRecords: 100 }), 'DescribeDBInstances', resource);
    const members: Member[] = [];
    for await (const { DBInstances = [] } of pages(ask, (page) => page.Marker))
      for (const one of DBInstances) {
        const group = one.DBParameterGroups?.[0]?.DBParameterGroupName;
        const isOwn = group !== undefined && !group.startsWith('default');
        const more = isOwn ? { DBParameterGroupName: group } : {};
        const DBInstanceIdentifier = one.DBInstanceIdentifier ?? '';
        members.push({ DBInstanceIdentifier, ...pick(one, ...ofMember), ...more, Tags: tagsOf(one.TagList) });
      }
    members.sort((a, b) => (a.DBInstanceIdentifier < b.DBInstanceIdentifier ? -1 : 1));
    return members.length === 0 ? undefined : members;
  },
  // How each is set is compared as an instance.
  comparable: (document) => namesOf(document),
  async write(scene, address, wanted, live) {
    const there = new Set(namesOf(live));
    for (const { Tags, ...settings } of (wanted ?? []) as unknown as readonly Member[]) {
      const { DBInstanceIdentifier: name } = settings;
      if (there.has(name)) continue;
      const input = { ...settings, DBClusterIdentifier: address.name, Tags: tagList(Tags) };
      const creation = scene.client.createDBInstance(input as unknown as CreateDBInstanceCommandInput);
      await required(creation, 'CreateDBInstance', `rds/instances/${name}`);
    }
    for (const name of namesOf(wanted)) await instanceAvailable(scene, name);
  },
};

function namesOf(members: Json | undefined): string[] {
  return ((members ?? []) as unknown as readonly Member[]).map((one) => one.DBInstanceIdentifier);
}
