import type { DBCluster, RDS, RestoreDBClusterFromSnapshotCommandInput } from '@aws-sdk/client-rds';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { backupKind } from '../backup-points/recovery-point.ts';
import type { Address, Created, DocumentRestore, Documents, Foreseen, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { tagList } from '../documents/tags.ts';
import { modifyCluster, restoreCluster } from './database-settings.ts';
import { available, differing, foreseePoint, pointFor } from './from-point.ts';
import { clusterSnapshots } from './points.ts';
import { moved } from './restore-instance.ts';
import { foreseeMoment, refuseOriginal } from './to-moment.ts';

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
  const document = documents.get('cluster.json') ?? {};
  const settings = { ...restoreCluster(document), Tags: tagList(documents.get('tags.json')) };
  if (scene.at === undefined) await fromPoint(scene, name, settings);
  else await fromPast(scene, name, document as DBCluster, settings, new Date(scene.at));
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

async function fromPoint(scene: Scene<RDS>, name: string, settings: object): Promise<void> {
  const resource = `rds/clusters/${name}`;
  const { name: SnapshotIdentifier } = await pointFor(scene, clusterSnapshots, resource);
  const input = { DBClusterIdentifier: name, SnapshotIdentifier, ...settings };
  const restoring = scene.client.restoreDBClusterFromSnapshot(input as RestoreDBClusterFromSnapshotCommandInput);
  await required(restoring, 'RestoreDBClusterFromSnapshot', resource);
}

/** Of one that was deleted, out of the automated backups that were kept of it. */
async function fromPast(
  scene: Scene<RDS>,
  name: string,
  { DBClusterIdentifier = '', DbClusterResourceId }: DBCluster,
  settings: object,
  RestoreToTime: Date,
): Promise<void> {
  const original = await findCluster(scene, DBClusterIdentifier);
  const source =
    original?.DbClusterResourceId === DbClusterResourceId
      ? { SourceDBClusterIdentifier: DBClusterIdentifier }
      : { SourceDbClusterResourceId: DbClusterResourceId };
  // Engine and version are those of its past, and cannot be said.
  const { Engine: _, EngineVersion: _version, ...sayable } = settings as Record<string, Json>;
  const restoring = scene.client.restoreDBClusterToPointInTime({
    DBClusterIdentifier: name,
    ...source,
    RestoreToTime,
    ...sayable,
  });
  await required(restoring, 'RestoreDBClusterToPointInTime', `rds/clusters/${name}`);
}

async function find(scene: Scene<RDS>, name: string): Promise<string | undefined> {
  const found = await findCluster(scene, name);
  refuseOriginal(scene, `rds/clusters/${name}`, found?.ClusterCreateTime);
  return found?.DBClusterArn;
}

async function foresee(scene: Scene<RDS>, name: string, documents: Documents): Promise<Foreseen> {
  const resource = `rds/clusters/${name}`;
  if (scene.at === undefined) return await foreseePoint(scene, clusterSnapshots, resource);
  const { DBClusterIdentifier = '' } = (documents.get('cluster.json') ?? {}) as DBCluster;
  const original = await findCluster(scene, DBClusterIdentifier);
  const { LatestRestorableTime: latest, EarliestRestorableTime: earliest } = original ?? {};
  return foreseeMoment({ resource, at: scene.at, latest, earliest });
}

/** A cluster is made of its recovery point, or of its past; its members are made empty, and find the data in it. */
export const clusterRestore: DocumentRestore<RDS> = {
  toMoment: true,
  madeOf: [clusterSnapshots.kind, backupKind],
  find,
  foresee,
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
      'DBClusterIdentifier',
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
