import type { DBInstance, RDS } from '@aws-sdk/client-rds';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { rdsClient } from './calls.ts';
import { findInstance, instanceAvailable } from './restore-instance.ts';

/** How automated backups are kept in another region. */
interface Replication {
  readonly [setting: string]: Json;
  /** Days. */
  readonly retention: number;
  /** Of the copies, in their region; null where they are not encrypted. */
  readonly kmsKey: string | null;
}

/** By region. */
type Replications = Readonly<Record<string, Replication>>;

const patience = 20 * 60_000;
const pause = 5000;

function backupsIn(database: DBInstance | undefined): ReadonlyMap<string, string> {
  const arns = (database?.DBInstanceAutomatedBackupsReplications ?? []).map(
    (one) => one.DBInstanceAutomatedBackupsArn ?? '',
  );
  return new Map(arns.map((arn) => [arn.split(':')[3] ?? '', arn]));
}

async function read(scene: Scene<RDS>, { name, resource }: Address, listed?: Json): Promise<Json | undefined> {
  const known = (listed as { readonly database?: DBInstance } | undefined)?.database;
  const backups = backupsIn(known ?? (await findInstance(scene, name)));
  const found: Record<string, Replication> = {};
  for (const [region, DBInstanceAutomatedBackupsArn] of [...backups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const client = await rdsClient(scene.aws.inRegion(region));
    const asking = client.describeDBInstanceAutomatedBackups({ DBInstanceAutomatedBackupsArn });
    const [one] =
      (await required(asking, 'DescribeDBInstanceAutomatedBackups', resource)).DBInstanceAutomatedBackups ?? [];
    // Named by the instance and not there: what it is like is not known.
    if (!one) throw new HoldfastError('item.not-found', `${DBInstanceAutomatedBackupsArn} is not there`, { resource });
    found[region] = { retention: one.BackupRetentionPeriod ?? 0, kmsKey: one.KmsKeyId ?? null };
  }
  return backups.size === 0 ? undefined : found;
}

/** A setting of a replication cannot be changed: it is stopped, and started again. What it copied stays for its retention. */
async function write(
  scene: Scene<RDS>,
  { name, resource }: Address,
  wanted: Json | undefined,
  live: Json | undefined,
): Promise<void> {
  const after = (wanted ?? {}) as Replications;
  const before = (live ?? {}) as Replications;
  const isSame = (region: string): boolean =>
    canonicalJson(after[region] ?? null) === canonicalJson(before[region] ?? null);
  const { DBInstanceArn: SourceDBInstanceArn } = await instanceAvailable(scene, name);
  for (const region of Object.keys(before).filter((one) => !isSame(one))) {
    const client = await rdsClient(scene.aws.inRegion(region));
    const stopping = client.stopDBInstanceAutomatedBackupsReplication({ SourceDBInstanceArn });
    await required(stopping, 'StopDBInstanceAutomatedBackupsReplication', resource);
    await waitFor(scene, { name, resource }, region, false);
  }
  for (const [region, { retention, kmsKey }] of Object.entries(after).filter(([one]) => !isSame(one))) {
    if (region === scene.aws.region) throw intoItself(resource, region);
    const client = await rdsClient(scene.aws.inRegion(region));
    const starting = client.startDBInstanceAutomatedBackupsReplication({
      SourceDBInstanceArn,
      BackupRetentionPeriod: retention,
      ...(kmsKey === null ? {} : { KmsKeyId: kmsKey }),
    });
    await required(starting, 'StartDBInstanceAutomatedBackupsReplication', resource);
    await waitFor(scene, { name, resource }, region, true);
  }
}

function intoItself(resource: string, region: string): HoldfastError {
  return new HoldfastError(
    'item.invalid',
    `automated backups of ${resource} were replicated to ${region}, where it is now itself`,
    { resource, hint: 'Have them replicated to another region, by hand, with a key of that region.' },
  );
}

/** The instance says by itself where its backups go; a replication that fails is not named, or no longer. */
async function waitFor(
  scene: Scene<RDS>,
  { name, resource }: Pick<Address, 'name' | 'resource'>,
  region: string,
  isWanted: boolean,
): Promise<void> {
  const { clock } = scene.runtime;
  const began = clock.now();
  while (backupsIn(await findInstance(scene, name)).has(region) !== isWanted) {
    if (clock.now() - began > patience) {
      const what = isWanted ? 'not replicated' : 'still replicated';
      throw new HoldfastError('item.unavailable', `automated backups of ${resource} are ${what} to ${region} yet`, {
        resource,
        hint: 'Run the same restore again: it goes on waiting.',
      });
    }
    await clock.sleep(pause, scene.signal);
  }
}

/** Automated backups of an instance in other regions: started again, under a key of the other region. */
export const backupReplication: DocumentPart<RDS> = { file: 'backup-replication.json', read, write };
