import { EC2 } from '@aws-sdk/client-ec2';
import { EFS } from '@aws-sdk/client-efs';
import { account, type State } from './state.ts';

/** Points of volumes are snapshots: made at EC2, wherever that is, with the tags that the job was given. */
export const takenByEc2: State['taken'] = async ({ ResourceArn, tags }, region) => {
  const [, , , home = ''] = String(ResourceArn).split(':');
  const [, VolumeId] = /:volume\/(.+)$/.exec(String(ResourceArn)) ?? [];
  if (VolumeId === undefined) return undefined;
  const Tags = Object.entries((tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));
  const TagSpecifications = [{ ResourceType: 'snapshot' as const, Tags }];
  const { SnapshotId = '' } = await new EC2({ region: home }).createSnapshot({ VolumeId, TagSpecifications });
  if (region === home) return `arn:aws:ec2:${region}::snapshot/${SnapshotId}`;
  const copy = await new EC2({ region }).copySnapshot({
    SourceRegion: home,
    SourceSnapshotId: SnapshotId,
    TagSpecifications,
  });
  return `arn:aws:ec2:${region}::snapshot/${copy.SnapshotId}`;
};

/** Makes what restore jobs make: volumes and file systems, at the emulators, of what the job was told. */
export const restoredByServices: State['restored'] = async ({ SourceResourceArn, metadata }, region) => {
  const told = metadata as Readonly<Record<string, string | undefined>>;
  if (!String(SourceResourceArn).includes(':volume/')) {
    if (told['newFileSystem'] !== 'true' || told['file-system-id'] === undefined) return { failure: 'nothing to make' };
    const made = await new EFS({ region }).createFileSystem({
      CreationToken: told['CreationToken'],
      Encrypted: told['Encrypted'] === 'true',
      PerformanceMode: told['PerformanceMode'] as 'generalPurpose',
      ...(told['KmsKeyId'] === undefined ? {} : { KmsKeyId: told['KmsKeyId'] }),
    });
    return { arn: made.FileSystemArn ?? '' };
  }
  const { availabilityZone = '', volumeType, volumeSize, encrypted, kmsKeyId } = told;
  if (!availabilityZone.startsWith(region)) return { failure: `${availabilityZone} is not in ${region}` };
  const { VolumeId } = await new EC2({ region }).createVolume({
    AvailabilityZone: availabilityZone,
    VolumeType: volumeType as 'gp3',
    Size: Number(volumeSize),
    Encrypted: encrypted === 'true',
    ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
  });
  return { arn: `arn:aws:ec2:${region}:${account}:volume/${VolumeId}` };
};
