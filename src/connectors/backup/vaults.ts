import type { Backup, BackupVaultListMember, VaultType } from '@aws-sdk/client-backup';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { ifAllowed } from '../documents/allowed.ts';
import { afresh } from '../documents/capture.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { kmsClient } from '../kms/calls.ts';
import type { BackupOptions } from './options.ts';
import { readTags, tags } from './tags.ts';
import { access, notifications } from './vault-access.ts';
import { lockPart } from './vault-lock.ts';
import { airGappedNotes, vaultNotes } from './vault-notes.ts';

type Scenery = Scene<Backup, BackupOptions>;

/** All vaults but those that AWS makes for itself (`aws/efs/automatic-backup-vault`), as the listing describes them. */
async function allVaults({ client, once }: Scenery, ByVaultType: VaultType): Promise<readonly BackupVaultListMember[]> {
  return await once(ByVaultType, async () => {
    const ask = (NextToken?: string) =>
      required(client.listBackupVaults({ ByVaultType, NextToken }), 'ListBackupVaults', 'backup');
    const found: BackupVaultListMember[] = [];
    for await (const { BackupVaultList = [] } of pages(ask, (page) => page.NextToken))
      found.push(...BackupVaultList.filter(({ BackupVaultName = '' }) => !BackupVaultName.startsWith('aws/')));
    return found;
  });
}

function listed(type: VaultType) {
  return async function* (scene: Scenery): AsyncGenerator<Found> {
    for (const vault of await allVaults(scene, type)) {
      const { BackupVaultName: name = '', BackupVaultArn: id = '' } = vault;
      const own = await ifAllowed(readTags(scene.client, id, `backup/vaults/${name}`));
      const said = { vault: pick(vault, ...facts), ...(own ? { tags: own } : {}) };
      yield { name, id, tags: own ?? {}, listed: said };
    }
  };
}

const facts = [
  'BackupVaultName',
  'EncryptionKeyArn',
  'EncryptionKeyType',
  'Locked',
  'MinRetentionDays',
  'MaxRetentionDays',
  'LockDate',
] as const;

async function vaultAt(
  scene: Scenery,
  type: VaultType,
  address: Address,
  known?: Json,
): Promise<BackupVaultListMember> {
  if (known !== undefined) return (known as { readonly vault: Json }).vault as BackupVaultListMember;
  const { name, resource } = address;
  const found = (await allVaults(scene, type)).find(({ BackupVaultName }) => BackupVaultName === name);
  if (found) return found;
  throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
}

/** The key that AWS keeps for AWS Backup: one cannot ask for it, and has it where one asks for none. */
const ownKeys = new WeakMap<Backup, Promise<string | undefined>>();

async function ownKey({ aws, client }: Scenery): Promise<string | undefined> {
  const asking =
    ownKeys.get(client) ??
    (async () => {
      const kms = await kmsClient(aws);
      const answer = kms.describeKey({ KeyId: 'alias/aws/backup' });
      return (await optional(answer, 'DescribeKey', 'alias/aws/backup', 'NotFoundException'))?.KeyMetadata?.Arn;
    })();
  ownKeys.set(client, asking);
  // What was refused may be allowed the next time.
  asking.catch(() => ownKeys.delete(client));
  return await asking;
}

/** The key that what lies in it is encrypted with; settled for good when a vault is made. */
function keyPart(type: VaultType): DocumentPart<Backup, BackupOptions> {
  return {
    file: 'vault.json',
    async read(scene, address, known) {
      const { EncryptionKeyArn, EncryptionKeyType } = await vaultAt(scene, type, address, known);
      if (EncryptionKeyArn === undefined || EncryptionKeyType === 'AWS_OWNED_KMS_KEY') return {};
      return EncryptionKeyArn === (await ownKey(scene)) ? {} : { EncryptionKeyArn };
    },
  };
}

async function find(scene: Scenery, name: string): Promise<string | undefined> {
  const found = (await allVaults(scene, 'BACKUP_VAULT')).find(({ BackupVaultName }) => BackupVaultName === name);
  return found?.BackupVaultArn;
}

async function create(scene: Scenery, name: string, documents: Documents): Promise<Created> {
  const { EncryptionKeyArn } = (documents.get('vault.json') ?? {}) as { readonly EncryptionKeyArn?: string };
  const own = tagList(documents.get('tags.json')).map(({ Key, Value }) => [Key, Value] as const);
  const input = { BackupVaultName: name, EncryptionKeyArn, BackupVaultTags: Object.fromEntries(own) };
  const resource = `backup/vaults/${name}`;
  const creating = scene.client.createBackupVault(input);
  // One that is there by now is what an attempt without an answer made.
  const made = await optional(creating, 'CreateBackupVault', resource, 'AlreadyExistsException');
  return { id: made?.BackupVaultArn ?? (await find(afresh(scene), name)) ?? '' };
}

export const vaults: DocumentKind<Backup, BackupOptions> = {
  kind: 'vaults',
  list: listed('BACKUP_VAULT'),
  parts: [
    keyPart('BACKUP_VAULT'),
    lockPart((scene, address, known) => vaultAt(scene, 'BACKUP_VAULT', address, known)),
    access,
    notifications,
    tags,
  ],
  live: { find, create },
  notes: vaultNotes,
};

/** Vaults that are locked from the first day on, and are never unlocked. */
export const airGappedVaults: DocumentKind<Backup, BackupOptions> = {
  kind: 'air-gapped-vaults',
  list: listed('LOGICALLY_AIR_GAPPED_BACKUP_VAULT'),
  parts: [
    keyPart('LOGICALLY_AIR_GAPPED_BACKUP_VAULT'),
    lockPart((scene, address, known) => vaultAt(scene, 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT', address, known)),
    access,
    notifications,
    tags,
  ],
  directoryOnly:
    'a logically air-gapped vault is locked for good when it is made: create it by hand from its documents',
  notes: airGappedNotes,
};
