import type { DBClusterSnapshot, DBSnapshot, RDS } from '@aws-sdk/client-rds';
import { HoldfastError } from '../../kernel/errors.ts';
import type { PointState, RecoveryPoint } from '../../kernel/recovery-point.ts';
import { optional, required } from '../aws/classify.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf } from '../documents/tags.ts';
import type { NewPoint, PointKind, PointService } from '../points/contract.ts';
import { resourceTag, runTag } from '../points/tags.ts';
import { rdsClient } from './calls.ts';

const gib = 1024 ** 3;
const absent = ['DBSnapshotNotFound', 'DBSnapshotNotFoundFault'] as const;
const absentCluster = ['DBClusterSnapshotNotFound', 'DBClusterSnapshotNotFoundFault'] as const;

function stateOf(status = ''): PointState {
  if (status === 'available') return 'available';
  return /fail|incompatible|error/.test(status) ? 'failed' : 'pending';
}

/** What both kinds of snapshot say alike. `at` is the moment of the data: of a copy still that of its original. */
function pointOf(
  kind: string,
  region: string,
  one: Pick<
    DBSnapshot & DBClusterSnapshot,
    'Status' | 'PercentProgress' | 'KmsKeyId' | 'TagList' | 'SnapshotCreateTime' | 'AllocatedStorage'
  >,
  said: { readonly name: string; readonly id: string; readonly at: Date | undefined },
): RecoveryPoint {
  const state = stateOf(one.Status);
  const run = tagsOf(one.TagList)[runTag];
  const { PercentProgress: percent, KmsKeyId: kmsKey, AllocatedStorage: allocated } = one;
  return {
    kind,
    id: said.id,
    name: said.name,
    region,
    state,
    ...(run === undefined ? {} : { run }),
    ...(one.SnapshotCreateTime ? { startedAt: one.SnapshotCreateTime.getTime() } : {}),
    ...(said.at ? { at: said.at.getTime() } : {}),
    ...(kmsKey === undefined ? {} : { kmsKey }),
    ...(allocated === undefined ? {} : { bytes: allocated * gib }),
    ...(state === 'pending' && percent !== undefined ? { percent } : {}),
    ...(state === 'failed' ? { reason: `RDS says ${one.Status}` } : {}),
  };
}

/** A copy in another region is encrypted under a key of that region, or not at all. */
function keyFor({ name, kmsKey, region }: RecoveryPoint, KmsKeyId: string | undefined): { KmsKeyId?: string } {
  if (KmsKeyId !== undefined) return { KmsKeyId };
  if (kmsKey === undefined) return {};
  throw new HoldfastError(
    'item.invalid',
    `${name} in ${region} is encrypted: its copy needs a key of the other region`,
    {
      hint: 'Name one: points: { copyTo: REGION, kmsKey: KEY }.',
    },
  );
}

/** Snapshots of instances that are in no cluster. */
export const instanceSnapshots: PointKind<RDS> = {
  kind: 'rds-snapshot',
  of: 'instances/',
  // Members of a cluster have no snapshots of their own.
  applies: ({ listed }) =>
    (listed as { readonly database?: { readonly DBClusterIdentifier?: string } } | undefined)?.database
      ?.DBClusterIdentifier === undefined,
  async find(client, DBSnapshotIdentifier, region) {
    const asking = client.describeDBSnapshots({ DBSnapshotIdentifier });
    const found = await optional(asking, 'DescribeDBSnapshots', DBSnapshotIdentifier, ...absent);
    const [one] = found?.DBSnapshots ?? [];
    return one && instancePoint(one, region);
  },
  create: (client, source, { name, tags }) =>
    required(
      client.createDBSnapshot({
        DBInstanceIdentifier: source.name,
        DBSnapshotIdentifier: name,
        Tags: tagList(tags),
      }),
      'CreateDBSnapshot',
      source.resource,
    ),
  copy: async (client, original, { name, tags, kmsKey }: NewPoint & { readonly kmsKey?: string }) =>
    await required(
      client.copyDBSnapshot({
        SourceDBSnapshotIdentifier: original.id,
        TargetDBSnapshotIdentifier: name,
        Tags: tagList(tags),
        ...keyFor(original, kmsKey),
      }),
      'CopyDBSnapshot',
      original.name,
    ),
  async *list(client, source, region) {
    const ask = (Marker?: string) =>
      required(client.describeDBSnapshots({ Marker, MaxRecords: 100 }), 'DescribeDBSnapshots', source.resource);
    for await (const { DBSnapshots = [] } of pages(ask, (page) => page.Marker))
      for (const one of DBSnapshots)
        if (isOf(one.TagList, source.id, region, one.DBInstanceIdentifier, source.name))
          yield instancePoint(one, region);
  },
  remove: (client, DBSnapshotIdentifier) =>
    optional(client.deleteDBSnapshot({ DBSnapshotIdentifier }), 'DeleteDBSnapshot', DBSnapshotIdentifier, ...absent),
};

function instancePoint(one: DBSnapshot, region: string): RecoveryPoint {
  const { DBSnapshotIdentifier: name = '', DBSnapshotArn: id = name } = one;
  const at = one.SnapshotDatabaseTime ?? one.OriginalSnapshotCreateTime ?? one.SnapshotCreateTime;
  return pointOf(instanceSnapshots.kind, region, one, { name, id, at });
}

/** Snapshots of clusters, with the data of all their members. */
export const clusterSnapshots: PointKind<RDS> = {
  kind: 'rds-cluster-snapshot',
  of: 'clusters/',
  async find(client, DBClusterSnapshotIdentifier, region) {
    const asking = client.describeDBClusterSnapshots({ DBClusterSnapshotIdentifier });
    const found = await optional(asking, 'DescribeDBClusterSnapshots', DBClusterSnapshotIdentifier, ...absentCluster);
    const [one] = found?.DBClusterSnapshots ?? [];
    return one && clusterPoint(one, region);
  },
  create: (client, source, { name, tags }) =>
    required(
      client.createDBClusterSnapshot({
        DBClusterIdentifier: source.name,
        DBClusterSnapshotIdentifier: name,
        Tags: tagList(tags),
      }),
      'CreateDBClusterSnapshot',
      source.resource,
    ),
  copy: async (client, original, { name, tags, kmsKey }: NewPoint & { readonly kmsKey?: string }) =>
    await required(
      client.copyDBClusterSnapshot({
        SourceDBClusterSnapshotIdentifier: original.id,
        TargetDBClusterSnapshotIdentifier: name,
        Tags: tagList(tags),
        ...keyFor(original, kmsKey),
      }),
      'CopyDBClusterSnapshot',
      original.name,
    ),
  async *list(client, source, region) {
    const ask = (Marker?: string) =>
      required(
        client.describeDBClusterSnapshots({ Marker, MaxRecords: 100 }),
        'DescribeDBClusterSnapshots',
        source.resource,
      );
    for await (const { DBClusterSnapshots = [] } of pages(ask, (page) => page.Marker))
      for (const one of DBClusterSnapshots)
        if (isOf(one.TagList, source.id, region, one.DBClusterIdentifier, source.name)) yield clusterPoint(one, region);
  },
  remove: (client, DBClusterSnapshotIdentifier) =>
    optional(
      client.deleteDBClusterSnapshot({ DBClusterSnapshotIdentifier }),
      'DeleteDBClusterSnapshot',
      DBClusterSnapshotIdentifier,
      ...absentCluster,
    ),
};

function clusterPoint(one: DBClusterSnapshot, region: string): RecoveryPoint {
  const { DBClusterSnapshotIdentifier: name = '', DBClusterSnapshotArn: id = name } = one;
  return pointOf(clusterSnapshots.kind, region, one, { name, id, at: one.SnapshotCreateTime });
}

/** In its own region a snapshot names its database; in another one a database of the same name may be another one. */
function isOf(
  tags: DBSnapshot['TagList'],
  id: string,
  region: string,
  database: string | undefined,
  name: string,
): boolean {
  return tagsOf(tags)[resourceTag] === id || (id.includes(`:${region}:`) && database === name);
}

/** Manual snapshots of instances and of clusters. */
export const rdsPoints: PointService<RDS> = {
  type: 'rds',
  client: rdsClient,
  kinds: [instanceSnapshots, clusterSnapshots],
};
