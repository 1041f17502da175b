import type { EFS } from '@aws-sdk/client-efs';
import { foreseen, keyAt, restorablePoint, restoreFrom } from '../backup-points/restore.ts';
import type { OptionsWithBackups } from '../backup-points/options.ts';
import type { Foreseen, Scene } from '../documents/contract.ts';

/** What a file system was, as its document says. */
export interface FileSystemFacts {
  readonly CreationToken: string;
  readonly Encrypted?: boolean;
  readonly KmsKeyId?: string;
  readonly PerformanceMode?: string;
}

/**
 * A new file system with the files of the point that the snapshot names, where it names one that is here: its name; undefined
 * where there is none. Known by the token it is created with. Throws item errors.
 */
export async function restoreFiles(
  scene: Scene<EFS, OptionsWithBackups>,
  name: string,
  { CreationToken, Encrypted, KmsKeyId, PerformanceMode = 'generalPurpose' }: FileSystemFacts,
): Promise<string | undefined> {
  const found = await restorablePoint(scene);
  if (!found) return undefined;
  await restoreFrom(scene, found, {
    name,
    resource: `efs/file-systems/${name}`,
    metadata(said, point) {
      const { KmsKeyId: old, ...kept } = said;
      const key = Encrypted === true ? keyAt(scene.aws.region, point, old, KmsKeyId) : undefined;
      return {
        ...kept,
        newFileSystem: 'true',
        CreationToken,
        PerformanceMode,
        Encrypted: String(Encrypted === true),
        ...(key === undefined ? {} : { KmsKeyId: key }),
      };
    },
    // One with the token would have been found.
    isFree: async () => await Promise.resolve(false),
  });
  return found.point.name;
}

/** Says in the plan what its files come from. */
export async function foreseeFiles(scene: Scene<EFS, OptionsWithBackups>): Promise<Foreseen> {
  const found = await restorablePoint(scene);
  return found ? foreseen(found) : { title: '' };
}
