import { account, found, now, page, Refused, type Fields, type Operation, type Place } from './state.ts';

const vaultOf = ({ region }: Place, { BackupVaultName }: Fields): Fields => found(region.vaults, BackupVaultName);

/** What a vault has beside itself: an access policy, notifications. */
function beside(field: string, shape: (input: Fields) => unknown): Record<'put' | 'get' | 'remove', Operation> {
  return {
    put: (place, input) => ((vaultOf(place, input)[field] = shape(input)), {}),
    get(place, input) {
      const { [field]: value, ...vault } = vaultOf(place, input);
      if (value === undefined) throw new Refused('ResourceNotFoundException', `${field} is not set`);
      return { ...vault, ...(value as Fields) };
    },
    remove: (place, input) => (delete vaultOf(place, input)[field], {}),
  };
}

const policy = beside('policy', ({ Policy }) => ({ Policy }));
const notifications = beside('notifications', ({ SNSTopicArn, BackupVaultEvents }) => ({
  SNSTopicArn,
  BackupVaultEvents,
}));

/** Days in seconds. */
const day = 86_400;

const createBackupVault: Operation = (place, { BackupVaultName, BackupVaultTags = {}, EncryptionKeyArn }) => {
  const { region, name, state } = place;
  if (region.vaults.has(String(BackupVaultName)))
    throw new Refused('AlreadyExistsException', `${String(BackupVaultName)} exists`);
  const BackupVaultArn = `arn:aws:backup:${name}:${account}:backup-vault:${String(BackupVaultName)}`;
  region.vaults.set(String(BackupVaultName), {
    BackupVaultName,
    BackupVaultArn,
    VaultType: 'BACKUP_VAULT',
    CreationDate: now(state),
    EncryptionKeyArn: EncryptionKeyArn ?? `arn:aws:kms:${name}:${account}:key/aws-backup-${name}`,
    NumberOfRecoveryPoints: 0,
    Locked: false,
  });
  region.tags.set(BackupVaultArn, BackupVaultTags as Record<string, string>);
  return { BackupVaultName, BackupVaultArn };
};

/** Once the time to change one's mind is over, nobody takes a lock away. */
function refuseLocked({ state }: Place, { LockDate }: Fields): void {
  if (LockDate !== undefined && now(state) >= Number(LockDate))
    throw new Refused('InvalidRequestException', 'The lock of the vault can no longer be changed');
}

const putLock: Operation = (place, input) => {
  const vault = vaultOf(place, input);
  refuseLocked(place, vault);
  const { MinRetentionDays, MaxRetentionDays, ChangeableForDays } = input;
  if (ChangeableForDays !== undefined && Number(ChangeableForDays) < 3)
    throw new Refused('InvalidParameterValueException', 'ChangeableForDays is at least 3');
  const LockDate = ChangeableForDays === undefined ? undefined : now(place.state) + Number(ChangeableForDays) * day;
  Object.assign(vault, { Locked: true, MinRetentionDays, MaxRetentionDays, LockDate });
  return {};
};

const deleteLock: Operation = (place, input) => {
  const vault = vaultOf(place, input);
  refuseLocked(place, vault);
  Object.assign(vault, {
    Locked: false,
    MinRetentionDays: undefined,
    MaxRetentionDays: undefined,
    LockDate: undefined,
  });
  return {};
};

const deleteBackupVault: Operation = (place, input) => {
  const vault = vaultOf(place, input);
  const { points, vaults: all } = place.region;
  if (vault['BackupVaultName'] === 'Default')
    throw new Refused('InvalidRequestException', 'The default vault cannot be deleted');
  if ([...points.values()].some(({ BackupVaultName }) => BackupVaultName === vault['BackupVaultName']))
    throw new Refused('InvalidRequestException', 'The vault holds recovery points');
  all.delete(String(vault['BackupVaultName']));
  return {};
};

function tagsAt({ region }: Place, arn: unknown): Record<string, string> {
  return found(region.tags, arn);
}

/** Vaults with what is beside them, tags of everything, and settings. */
export const vaults: Readonly<Record<string, Operation>> = {
  CreateBackupVault: createBackupVault,
  DeleteBackupVault: deleteBackupVault,
  DescribeBackupVault: vaultOf,
  ListBackupVaults({ region }, input) {
    const { ByVaultType } = input;
    const all = [...region.vaults.values()].filter(
      (one) => ByVaultType === undefined || one['VaultType'] === ByVaultType,
    );
    const { items, next } = page(all, input);
    return { BackupVaultList: items, ...next };
  },
  PutBackupVaultAccessPolicy: policy.put,
  GetBackupVaultAccessPolicy: policy.get,
  DeleteBackupVaultAccessPolicy: policy.remove,
  PutBackupVaultNotifications: notifications.put,
  GetBackupVaultNotifications: notifications.get,
  DeleteBackupVaultNotifications: notifications.remove,
  PutBackupVaultLockConfiguration: putLock,
  DeleteBackupVaultLockConfiguration: deleteLock,
  ListTags(place, { ResourceArn }) {
    if (!String(ResourceArn).startsWith('arn:aws:backup:'))
      throw new Refused('InvalidParameterValueException', `${String(ResourceArn)} is not of AWS Backup`);
    return { Tags: tagsAt(place, ResourceArn) };
  },
  TagResource: (place, { ResourceArn, Tags }) => (Object.assign(tagsAt(place, ResourceArn), Tags), {}),
  UntagResource(place, { ResourceArn, TagKeyList }) {
    for (const key of TagKeyList as string[]) delete tagsAt(place, ResourceArn)[key];
    return {};
  },
  DescribeRegionSettings: ({ region }) => region.settings,
  UpdateRegionSettings({ region }, input) {
    for (const [field, values] of Object.entries(input)) {
      const known = Object.keys(region.settings[field] ?? {});
      const stranger = Object.keys(values as Fields).find((name) => !known.includes(name));
      if (stranger !== undefined)
        throw new Refused('InvalidParameterValueException', `${stranger} is not supported here`);
      region.settings = {
        ...region.settings,
        [field]: { ...(region.settings[field] as Fields), ...(values as Fields) },
      };
    }
    return {};
  },
  DescribeGlobalSettings: ({ state }) => ({ GlobalSettings: state.global }),
  UpdateGlobalSettings: ({ state }, { GlobalSettings }) => (Object.assign(state.global, GlobalSettings), {}),
};
