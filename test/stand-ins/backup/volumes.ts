import { EC2 } from '@aws-sdk/client-ec2';
import type { State } from './state.ts';

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
