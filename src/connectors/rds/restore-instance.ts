import type { DBInstance, RDS } from '@aws-sdk/client-rds';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { backupKind } from '../backup-points/recovery-point.ts';
import type { Address, Created, DocumentRestore, Documents, Foreseen, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { tagList } from '../documents/tags.ts';
import { modifyInstance, restoreInstance } from './database-settings.ts';
import { available, differing, foreseePoint, pointFor } from './from-point.ts';
import { instanceSnapshots } from './points.ts';
import { foreseeMoment, refuseOriginal } from './to-moment.ts';

export async function findInstance(
  { client }: Scene<RDS>,
  DBInstanceIdentifier: string,
): Promise<DBInstance | undefined> {
  const asking = client.describeDBInstances({ DBInstanceIdentifier });
  const names = ['DBInstanceNotFound', 'DBInstanceNotFoundFault'];
  const resource = `rds/instances/${DBInstanceIdentifier}`;
  return (await optional(asking, 'DescribeDBInstances', resource, ...names))?.DBInstances?.[0];
}

export async function instanceAvailable(scene: Scene<RDS>, name: string): Promise<DBInstance> {
  let found: DBInstance | undefined;
  const resource = `rds/instances/${name}`;
  await available(scene, resource, async () => {
    found = await findInstance(scene, name);
    return found && { status: found.DBInstanceStatus, isChanging: isChanging(found) };
  });
  if (found) return found;
  throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
}

function isChanging({ PendingModifiedValues = {} }: DBInstance): boolean {
  return Object.values(PendingModifiedValues).some((value) => value !== undefined);
}

async function create(scene: Scene<RDS>, name: string, documents: Documents): Promise<Created> {
  const document = documents.get('instance.json') ?? {};
  const settings = { ...restoreInstance(document), Tags: tagList(documents.get('tags.json')) };
  if (scene.at === undefined) await fromPoint(scene, name, settings);
  else await fromPast(scene, name, document as DBInstance, settings, new Date(scene.at));
  const made = await instanceAvailable(scene, name);
  const old = document as DBInstance;
  return {
    id: made.DBInstanceArn ?? '',
    identities: moved([
      [old.Endpoint?.Address, made.Endpoint?.Address],
      [old.DbiResourceId, made.DbiResourceId],
    ]),
  };
}

async function fromPoint(scene: Scene<RDS>, name: string, settings: object): Promise<void> {
  const resource = `rds/instances/${name}`;
  const { name: DBSnapshotIdentifier } = await pointFor(scene, instanceSnapshots, resource);
  const restoring = scene.client.restoreDBInstanceFromDBSnapshot({
    DBInstanceIdentifier: name,
    DBSnapshotIdentifier,
    ...settings,
  });
  await required(restoring, 'RestoreDBInstanceFromDBSnapshot', resource);
}

/** Of one that was deleted, out of the automated backups that were kept of it. */
async function fromPast(
  scene: Scene<RDS>,
  name: string,
  { DBInstanceIdentifier = '', DbiResourceId }: DBInstance,
  settings: object,
  RestoreTime: Date,
): Promise<void> {
  const original = await findInstance(scene, DBInstanceIdentifier);
  const source =
    original?.DbiResourceId === DbiResourceId
      ? { SourceDBInstanceIdentifier: DBInstanceIdentifier }
      : { SourceDbiResourceId: DbiResourceId };
  const restoring = scene.client.restoreDBInstanceToPointInTime({
    TargetDBInstanceIdentifier: name,
    ...source,
    RestoreTime,
    ...settings,
  });
  await required(restoring, 'RestoreDBInstanceToPointInTime', `rds/instances/${name}`);
}

async function find(scene: Scene<RDS>, name: string): Promise<string | undefined> {
  const found = await findInstance(scene, name);
  refuseOriginal(scene, `rds/instances/${name}`, found?.InstanceCreateTime);
  return found?.DBInstanceArn;
}

async function foresee(scene: Scene<RDS>, name: string, documents: Documents): Promise<Foreseen> {
  const resource = `rds/instances/${name}`;
  if (scene.at === undefined) return await foreseePoint(scene, instanceSnapshots, resource);
  const { DBInstanceIdentifier = '' } = (documents.get('instance.json') ?? {}) as DBInstance;
  const original = await findInstance(scene, DBInstanceIdentifier);
  return foreseeMoment({ resource, at: scene.at, latest: original?.LatestRestorableTime });
}

/** Endpoints and ids that are others now. */
export function moved(
  pairs: readonly (readonly [string | undefined, string | undefined])[],
): readonly { readonly from: string; readonly to: string }[] {
  return pairs.flatMap(([from, to]) => (from === undefined || to === undefined || from === to ? [] : [{ from, to }]));
}

/** An instance is made of its recovery point, or of its past, with the settings of its document. */
export const instanceRestore: DocumentRestore<RDS> = {
  toMoment: true,
  madeOf: [instanceSnapshots.kind, backupKind],
  find,
  foresee,
  create,
};

/** What can be changed of an instance that is there, at once; waits until it is done. */
export async function writeInstance(
  scene: Scene<RDS>,
  { name, resource }: Address,
  wanted: Json | undefined,
): Promise<void> {
  const before = await instanceAvailable(scene, name);
  const changes = differing(modifyInstance(wanted ?? {}), modifyInstance(facts(before)));
  if (Object.keys(changes).length === 0) return;
  const input = { DBInstanceIdentifier: name, ApplyImmediately: true, ...changes };
  await required(scene.client.modifyDBInstance(input), 'ModifyDBInstance', resource);
  await instanceAvailable(scene, name);
}

/** Without what a restore makes anew, and what can never be changed: ids, addresses, keys; groups by their names. */
export function comparableInstance(document: Json): Json {
  const said = document as DBInstance;
  return {
    ...facts(
      said,
      // The name, and the name of its cluster, are where it lies: a restore may give it another.
      'DBInstanceIdentifier',
      'DBClusterIdentifier',
      'DBInstanceArn',
      'DbiResourceId',
      'Endpoint',
      'ListenerEndpoint',
      'CertificateDetails',
      'MasterUserSecret',
      'KmsKeyId',
      'ReadReplicaDBInstanceIdentifiers',
      // ARNs of copies in other regions; how they are made is a document of its own.
      'DBInstanceAutomatedBackupsReplications',
      'DBSubnetGroup',
      'VpcSecurityGroups',
      'DBParameterGroups',
      'OptionGroupMemberships',
    ),
    groups: {
      subnets: said.DBSubnetGroup?.DBSubnetGroupName ?? null,
      parameters: (said.DBParameterGroups ?? []).map((one) => one.DBParameterGroupName ?? ''),
      options: (said.OptionGroupMemberships ?? []).map((one) => one.OptionGroupName ?? ''),
      security: (said.VpcSecurityGroups ?? []).map((one) => one.VpcSecurityGroupId ?? '').sort(),
    },
    port: said.Endpoint?.Port ?? null,
  };
}
