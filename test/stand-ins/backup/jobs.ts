import {
  account,
  found,
  newId,
  now,
  page,
  Refused,
  regionOf,
  type Fields,
  type Operation,
  type Place,
  type Region,
} from './state.ts';

type Finish = (place: Place, job: Fields) => Promise<void>;

/** Each look takes a job one step further. */
async function step(place: Place, job: Fields, field: 'State' | 'Status', finish: Finish): Promise<Fields> {
  const { state } = place;
  if (job[field] === 'CREATED' || job[field] === 'PENDING')
    Object.assign(job, { [field]: 'RUNNING', PercentDone: '50.0' });
  else if (job[field] === 'RUNNING') {
    job['CompletionDate'] = now(state);
    if (state.ending === undefined) {
      Object.assign(job, { [field]: 'COMPLETED', PercentDone: '100.0' });
      await finish(place, job);
    } else Object.assign(job, { [field]: state.ending, StatusMessage: 'the stand-in was told so' });
  }
  return job;
}

/** What was begun with this token before, so that asking again does nothing more. */
function again(jobs: ReadonlyMap<string, Fields>, { IdempotencyToken }: Fields): Fields | undefined {
  if (IdempotencyToken === undefined) return undefined;
  return [...jobs.values()].find((job) => job['token'] === IdempotencyToken);
}

function keep({ region, tags }: { region: Region; tags: unknown }, point: Fields): void {
  const arn = String(point['RecoveryPointArn']);
  region.points.set(arn, { BackupSizeInBytes: 1024 ** 3, IsEncrypted: true, ...point, Status: 'COMPLETED' });
  region.tags.set(arn, { ...(tags as Record<string, string> | undefined) });
}

const startBackupJob: Operation = ({ region, name, state }, input) => {
  const { BackupVaultName, ResourceArn, IamRoleArn, RecoveryPointTags, IdempotencyToken } = input;
  const vault = found(region.vaults, BackupVaultName);
  const known = again(region.backupJobs, input);
  if (known) return known;
  const BackupJobId = newId(state);
  const job: Fields = {
    AccountId: account,
    BackupJobId,
    BackupVaultName,
    BackupVaultArn: vault['BackupVaultArn'],
    ResourceArn,
    IamRoleArn,
    State: 'CREATED',
    PercentDone: '0.0',
    CreationDate: now(state),
    // Not answered: fields that the API does not have are left out.
    token: IdempotencyToken,
    tags: RecoveryPointTags,
    region: name,
  };
  region.backupJobs.set(BackupJobId, job);
  return job;
};

const backedUp: Finish = async ({ region, name, state }, job) => {
  const { BackupVaultName, BackupVaultArn, ResourceArn, IamRoleArn, tags } = job;
  const own = `arn:aws:backup:${name}:${account}:recovery-point:${newId(state)}`;
  const RecoveryPointArn = (await state.taken(job, name)) ?? own;
  const ResourceType = String(ResourceArn).includes(':volume/') ? 'EBS' : 'EFS';
  Object.assign(job, { RecoveryPointArn, ResourceType });
  const CreationDate = job['CreationDate'];
  const point = { RecoveryPointArn, BackupVaultName, BackupVaultArn, ResourceArn, ResourceType, IamRoleArn };
  keep({ region, tags }, { ...point, CreationDate, CompletionDate: now(state) });
};

const startCopyJob: Operation = ({ region, state }, input) => {
  const { RecoveryPointArn, DestinationBackupVaultArn, SourceBackupVaultName, IdempotencyToken } = input;
  const point = found(region.points, RecoveryPointArn);
  const known = again(region.copyJobs, input);
  if (known) return known;
  const CopyJobId = newId(state);
  region.copyJobs.set(CopyJobId, {
    CopyJobId,
    SourceBackupVaultArn: found(region.vaults, SourceBackupVaultName)['BackupVaultArn'],
    SourceRecoveryPointArn: RecoveryPointArn,
    DestinationBackupVaultArn,
    ResourceArn: point['ResourceArn'],
    State: 'CREATED',
    CreationDate: now(state),
    token: IdempotencyToken,
  });
  return { CopyJobId };
};

const copied: Finish = async ({ region, state }, job) => {
  const [, , , there = '', , , vaultName = ''] = String(job['DestinationBackupVaultArn']).split(':');
  const other = regionOf(state, there);
  const original = found(region.points, job['SourceRecoveryPointArn']);
  const copyArn = await state.taken({ ...job, tags: region.tags.get(String(job['SourceRecoveryPointArn'])) }, there);
  const RecoveryPointArn = copyArn ?? `arn:aws:backup:${there}:${account}:recovery-point:${newId(state)}`;
  job['DestinationRecoveryPointArn'] = RecoveryPointArn;
  const vault = found(other.vaults, vaultName);
  const { BackupVaultName, BackupVaultArn } = vault;
  const tags = region.tags.get(String(job['SourceRecoveryPointArn']));
  const times = { CreationDate: now(state), CompletionDate: now(state) };
  keep({ region: other, tags }, { ...original, RecoveryPointArn, BackupVaultName, BackupVaultArn, ...times });
};

const startRestoreJob: Operation = ({ region, state }, input) => {
  const { RecoveryPointArn, Metadata, IamRoleArn } = input;
  const point = found(region.points, RecoveryPointArn);
  const known = again(region.restoreJobs, input);
  if (known) return known;
  const RestoreJobId = newId(state);
  region.restoreJobs.set(RestoreJobId, {
    RestoreJobId,
    RecoveryPointArn,
    SourceResourceArn: point['ResourceArn'],
    ResourceType: point['ResourceType'],
    IamRoleArn,
    Status: 'PENDING',
    PercentDone: '0.0',
    CreationDate: now(state),
    token: input['IdempotencyToken'],
    metadata: Metadata,
  });
  return { RestoreJobId };
};

const restored: Finish = async ({ state, name }, job) => {
  const made = await state.restored(job, name);
  if ('arn' in made) job['CreatedResourceArn'] = made.arn;
  else Object.assign(job, { Status: 'FAILED', StatusMessage: made.failure });
};

/** What AWS Backup knows of what a point is of. */
function metadataOf({ ResourceArn }: Fields): Record<string, string> {
  const id = String(ResourceArn).split('/').at(-1) ?? '';
  return id.startsWith('vol-') ? { volumeId: id, encrypted: 'false' } : { 'file-system-id': id };
}

function pointIn({ region }: Place, { BackupVaultName, RecoveryPointArn }: Fields): Fields {
  const one = found(region.points, RecoveryPointArn);
  if (one['BackupVaultName'] === BackupVaultName) return one;
  throw new Refused('ResourceNotFoundException', `${String(RecoveryPointArn)} is in another vault`);
}

/** Jobs, and the points they make. */
export const jobs: Readonly<Record<string, Operation>> = {
  StartBackupJob: startBackupJob,
  DescribeBackupJob: async (place, { BackupJobId }) =>
    await step(place, found(place.region.backupJobs, BackupJobId), 'State', backedUp),
  StartCopyJob: startCopyJob,
  async ListCopyJobs(place, input) {
    const all = [...place.region.copyJobs.values()].filter(
      (job) =>
        job['SourceRecoveryPointArn'] === input['BySourceRecoveryPointArn'] &&
        job['DestinationBackupVaultArn'] === input['ByDestinationVaultArn'],
    );
    const { items, next } = page(all, input);
    for (const job of items) await step(place, job, 'State', copied);
    return { CopyJobs: items, ...next };
  },
  StartRestoreJob: startRestoreJob,
  DescribeRestoreJob: async (place, { RestoreJobId }) =>
    await step(place, found(place.region.restoreJobs, RestoreJobId), 'Status', restored),
  ListRestoreJobsByProtectedResource({ region }, input) {
    const all = [...region.restoreJobs.values()].filter((job) => job['SourceResourceArn'] === input['ResourceArn']);
    const { items, next } = page(all, input);
    return { RestoreJobs: items, ...next };
  },
  GetRecoveryPointRestoreMetadata: (place, input) => ({
    RecoveryPointArn: input['RecoveryPointArn'],
    RestoreMetadata: metadataOf(pointIn(place, input)),
  }),
  DescribeRecoveryPoint: pointIn,
  DeleteRecoveryPoint(place, input) {
    const { Locked } = found(place.region.vaults, input['BackupVaultName']);
    pointIn(place, input);
    if (Locked === true) throw new Refused('InvalidRequestException', 'The vault is locked');
    place.region.points.delete(String(input['RecoveryPointArn']));
    return {};
  },
  ListRecoveryPointsByBackupVault({ region }, input) {
    found(region.vaults, input['BackupVaultName']);
    const all = [...region.points.values()].filter(
      (one) =>
        one['BackupVaultName'] === input['BackupVaultName'] &&
        (input['ByResourceArn'] === undefined || one['ResourceArn'] === input['ByResourceArn']),
    );
    const { items, next } = page(all, input);
    return { RecoveryPoints: items, ...next };
  },
};
