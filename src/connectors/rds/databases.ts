import type { DBCluster, DBInstance, RDS } from '@aws-sdk/client-rds';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Documents, DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';
import { backupReplication } from './backup-replication.ts';
import { clusterMembers } from './members.ts';
import { clusterRestore, comparableCluster, writeCluster } from './restore-cluster.ts';
import { comparableInstance, instanceRestore, writeInstance } from './restore-instance.ts';
import { tags } from './tags.ts';
import { pointSettings, type OptionsWithPoints } from '../points/options.ts';

/** What changes by itself: states, progress, times, where a failover put something, and what is being changed. */
const passing =
  /(Status|Statuses|StatusInfos|Progress|Time|ConsumedChangeRecords)$|^(PendingModifiedValues|Capacity|TagList|AvailabilityZone|SecondaryAvailabilityZone|IsClusterWriter|IsStorageConfigUpgradeAvailable|ValidTill)$/;

async function* listInstances({ client }: Scene<RDS>): AsyncGenerator<Found> {
  const ask = (Marker?: string) =>
    required(client.describeDBInstances({ MaxRecords: 100, Marker }), 'DescribeDBInstances', 'rds');
  for await (const { DBInstances = [] } of pages(ask, (page) => page.Marker))
    for (const one of DBInstances) yield foundOf(one.DBInstanceIdentifier, one.DBInstanceArn, one);
}

async function* listClusters({ client }: Scene<RDS>): AsyncGenerator<Found> {
  const ask = (Marker?: string) =>
    required(client.describeDBClusters({ MaxRecords: 100, Marker }), 'DescribeDBClusters', 'rds');
  for await (const { DBClusters = [] } of pages(ask, (page) => page.Marker))
    for (const one of DBClusters) yield foundOf(one.DBClusterIdentifier, one.DBClusterArn, one);
}

function foundOf(name = '', id = '', database: DBInstance | DBCluster = {}): Found {
  const tags = tagsOf(database.TagList);
  return { name, id, tags, listed: { tags, database: lasting(facts(database)) } };
}

function lasting(value: Json): Json {
  if (Array.isArray(value)) return value.map(lasting);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value as Record<string, Json>).filter(([name]) => !passing.test(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, lasting(inner)]));
}

async function instance({ client }: Scene<RDS>, DBInstanceIdentifier: string, resource: string) {
  const asking = client.describeDBInstances({ DBInstanceIdentifier });
  return (await required(asking, 'DescribeDBInstances', resource)).DBInstances?.[0];
}

async function cluster({ client }: Scene<RDS>, DBClusterIdentifier: string, resource: string) {
  const asking = client.describeDBClusters({ DBClusterIdentifier });
  return (await required(asking, 'DescribeDBClusters', resource)).DBClusters?.[0];
}

type Reader = (scene: Scene<RDS>, name: string, resource: string) => Promise<DBInstance | DBCluster | undefined>;

interface Listed {
  readonly database: Json;
  readonly tags: Record<string, string>;
}

function partsOf(
  file: string,
  reader: Reader,
  more: Pick<DocumentPart<RDS>, 'comparable' | 'write'>,
): DocumentPart<RDS>[] {
  const read = async (scene: Scene<RDS>, name: string, resource: string): Promise<Listed> =>
    await scene.once('database', async () => {
      const found = await reader(scene, name, resource);
      if (found) return { database: lasting(facts(found)), tags: tagsOf(found.TagList) };
      throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
    });
  return [
    {
      file,
      ...more,
      read: async (scene, { name, resource }, listed) =>
        ((listed ?? (await read(scene, name, resource))) as unknown as Listed).database,
    },
    {
      ...tags,
      async read(scene, { name, resource }, listed) {
        const { tags } = (listed ?? (await read(scene, name, resource))) as unknown as Listed;
        return Object.keys(tags).length === 0 ? undefined : tags;
      },
    },
  ];
}

const why =
  'a database returns with its data, from a snapshot that RDS keeps, and this one names none (points: true has them made; ' +
  'members return with their cluster): restore one by hand, with the values of the document';

const unlessTold =
  'Unless told otherwise a restored one has the default security group and parameter group, and one zone.';

function notes(file: string, documents: Documents, options: OptionsWithPoints): readonly LedgerNote[] {
  const { MasterUserSecret, BackupRetentionPeriod, DBClusterIdentifier, DBInstanceIdentifier } = (documents.get(file) ??
    {}) as DBInstance;
  const isMember = DBInstanceIdentifier !== undefined && DBClusterIdentifier !== undefined;
  const found: LedgerNote[] = [
    {
      class: 'needs-human',
      what: 'data of the database',
      ...(pointSettings(options)
        ? {
            why: 'It is in the snapshot of RDS that was asked for with this one (of a cluster member: in that of its cluster); the manifest names it.',
            action: 'Restore it live, or by hand with the values of the document. ' + unlessTold,
          }
        : {
            why: 'Holdfast captures the configuration; data is in snapshots that RDS keeps.',
            action:
              'Set points: true for this source, or keep manual snapshots, copied to the region and account of a restore: ' +
              'automated ones go with the database. ' +
              unlessTold,
          }),
    },
    {
      class: 'new-identity',
      what: 'endpoint',
      why: 'A restored database gets an address of its own.',
      action: 'Put a name of your own before it (a CNAME), and let applications use that.',
    },
  ];
  if (isMember) return found;
  if (!MasterUserSecret)
    found.push({
      class: 'needs-human',
      what: 'master password',
      why: 'RDS never tells it; a snapshot brings back the one of its time.',
      action: 'Keep it in a vault of your own, or let RDS manage it in Secrets Manager.',
    });
  const replicated = documents.get('backup-replication.json');
  if (replicated !== undefined)
    found.push({
      class: 'new-identity',
      what: `automated backups in ${Object.keys(replicated as object).join(', ')}`,
      why: 'A restored instance is another one to RDS: its replication begins anew, and what was replicated stays for its retention.',
      action:
        'Nothing now. After a loss of the region, an instance can be restored there from them by hand (SourceDBInstanceAutomatedBackupsArn).',
    });
  if (BackupRetentionPeriod === 0)
    found.push({
      class: 'lost',
      what: 'every state of the data but those of manual snapshots',
      why: 'Automated backups are switched off (BackupRetentionPeriod 0).',
      action: 'Switch them on, or make manual snapshots on a schedule.',
    });
  return found;
}

export const instances: DocumentKind<RDS, OptionsWithPoints> = {
  kind: 'instances',
  list: listInstances,
  rank: 2,
  parts: [
    ...partsOf('instance.json', instance, { comparable: comparableInstance, write: writeInstance }),
    backupReplication,
  ],
  live: instanceRestore,
  directoryOnly: why,
  notes: (documents, _address, options) => notes('instance.json', documents, options),
};

export const clusters: DocumentKind<RDS, OptionsWithPoints> = {
  kind: 'clusters',
  list: listClusters,
  rank: 1,
  parts: [...partsOf('cluster.json', cluster, { comparable: comparableCluster, write: writeCluster }), clusterMembers],
  live: clusterRestore,
  directoryOnly: why,
  notes: (documents, _address, options) => notes('cluster.json', documents, options),
};
