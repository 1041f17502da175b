import type { EC2, SnapshotBlockPublicAccessState } from '@aws-sdk/client-ec2';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';

/** The one resource: what holds for all volumes and snapshots of the account in this region. */
const only = 'account';

async function* listSettings(scene: Scene<EC2>): AsyncGenerator<Found> {
  yield await Promise.resolve({ name: only, id: idOf(scene) });
}

function idOf({ aws }: Scene<EC2>): string {
  return `arn:aws:ec2:${aws.region}:${aws.account}:ebs-settings`;
}

const encryption: DocumentPart<EC2> = {
  file: 'encryption-by-default.json',
  async read({ client }, { resource }) {
    const asking = client.getEbsEncryptionByDefault({});
    const { EbsEncryptionByDefault = false } = await required(asking, 'GetEbsEncryptionByDefault', resource);
    return { EbsEncryptionByDefault };
  },
  async write({ client }, { resource }, wanted) {
    const enabled = (wanted as { readonly EbsEncryptionByDefault: boolean } | undefined)?.EbsEncryptionByDefault;
    if (enabled) await required(client.enableEbsEncryptionByDefault({}), 'EnableEbsEncryptionByDefault', resource);
    else await required(client.disableEbsEncryptionByDefault({}), 'DisableEbsEncryptionByDefault', resource);
  },
};

/** The key of new volumes; the one that AWS keeps for the account counts as none. */
const defaultKey: DocumentPart<EC2> = {
  file: 'default-key.json',
  async read({ client }, { resource }) {
    const { KmsKeyId = '' } = await required(client.getEbsDefaultKmsKeyId({}), 'GetEbsDefaultKmsKeyId', resource);
    return KmsKeyId === '' || KmsKeyId.endsWith('alias/aws/ebs') ? undefined : { KmsKeyId };
  },
  async write({ client }, { resource }, wanted) {
    const { KmsKeyId } = (wanted ?? {}) as { readonly KmsKeyId?: string };
    if (KmsKeyId === undefined) await required(client.resetEbsDefaultKmsKeyId({}), 'ResetEbsDefaultKmsKeyId', resource);
    else await required(client.modifyEbsDefaultKmsKeyId({ KmsKeyId }), 'ModifyEbsDefaultKmsKeyId', resource);
  },
};

/** Whether anybody may make a snapshot public. */
const publicAccess: DocumentPart<EC2> = {
  file: 'snapshot-public-access.json',
  async read({ client }, { resource }) {
    const asking = client.getSnapshotBlockPublicAccessState({});
    const { State, ManagedBy } = await required(asking, 'GetSnapshotBlockPublicAccessState', resource);
    // A declarative policy of the organisation decides, and nobody in the account may.
    if (State === undefined || ManagedBy === 'declarative-policy') return undefined;
    return { State };
  },
  async write({ client }, { resource }, wanted) {
    const { State = 'unblocked' } = (wanted ?? {}) as { readonly State?: SnapshotBlockPublicAccessState };
    if (State === 'unblocked') {
      const opening = client.disableSnapshotBlockPublicAccess({});
      await required(opening, 'DisableSnapshotBlockPublicAccess', resource);
    } else {
      const closing = client.enableSnapshotBlockPublicAccess({ State });
      await required(closing, 'EnableSnapshotBlockPublicAccess', resource);
    }
  },
};

export const settings: DocumentKind<EC2> = {
  kind: 'settings',
  list: listSettings,
  parts: [encryption, defaultKey, publicAccess],
  live: {
    find: async (scene) => await Promise.resolve(idOf(scene)),
    async create(_, name) {
      const resource = `ebs/settings/${name}`;
      return await Promise.reject(new HoldfastError('internal.bug', `${resource} is always there`, { resource }));
    },
  },
};
