import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { Json } from '../../kernel/json.ts';

/** What key.json says of a key; `MultiRegion` says where the key it shares its material with is. */
export interface KeyDocument {
  readonly KeyId: string;
  readonly Description: string;
  readonly KeySpec: string;
  readonly KeyUsage: string;
  readonly Origin: string;
  readonly KeyState: string;
  /** Names that point to it: how the key in its place is found where it is gone. */
  readonly Aliases: readonly string[];
  readonly DeletionDate?: string;
  readonly CustomKeyStoreId?: string;
  readonly XksKeyId?: string;
  readonly MultiRegion?: { readonly Type: string; readonly PrimaryRegion: string; readonly Regions: readonly string[] };
}

export interface ListedKey {
  /** Absent, like its tags, where they may not be read. */
  readonly key?: KeyDocument;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A key's id, of its ARN: what every call takes. */
export function keyId(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

export function keyDocument(metadata: KeyMetadata, aliases: readonly string[]): KeyDocument {
  const { KeyId = '', Description = '', KeyState = '' } = metadata;
  const { KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage = 'ENCRYPT_DECRYPT', Origin = 'AWS_KMS' } = metadata;
  const { DeletionDate, CustomKeyStoreId, XksKeyConfiguration, MultiRegionConfiguration: many } = metadata;
  return {
    KeyId,
    Description,
    KeySpec,
    KeyUsage,
    Origin,
    KeyState,
    Aliases: [...aliases].sort(),
    ...(DeletionDate ? { DeletionDate: DeletionDate.toISOString() } : {}),
    ...(CustomKeyStoreId === undefined ? {} : { CustomKeyStoreId }),
    ...(XksKeyConfiguration?.Id === undefined ? {} : { XksKeyId: XksKeyConfiguration.Id }),
    ...(many
      ? {
          MultiRegion: {
            Type: many.MultiRegionKeyType ?? '',
            PrimaryRegion: many.PrimaryKey?.Region ?? '',
            Regions: [many.PrimaryKey, ...(many.ReplicaKeys ?? [])].map((one) => one?.Region ?? '').sort(),
          },
        }
      : {}),
  };
}

export function isBeingDeleted(document: Json | undefined): boolean {
  return /^Pending(Replica)?Deletion$/.test((document as KeyDocument | undefined)?.KeyState ?? '');
}
