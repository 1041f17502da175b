import type { EC2, Filter, Volume } from '@aws-sdk/client-ec2';
import { required } from '../aws/classify.ts';
import { foreseen, keyAt, noPoint, restorablePoint, restoreFrom, type RestoreWish } from '../backup-points/restore.ts';
import { backupKind } from '../backup-points/recovery-point.ts';
import type { OptionsWithBackups } from '../backup-points/options.ts';
import type { Created, DocumentRestore, Documents, Scene } from '../documents/contract.ts';
import { tagList } from '../documents/tags.ts';
import { volumeFile, restoredTag } from './volume-facts.ts';

type Scenery = Scene<EC2, OptionsWithBackups>;

const bareId = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

async function volumeBy({ client }: Scenery, filter: Filter): Promise<Volume | undefined> {
  const { Volumes = [] } = await required(client.describeVolumes({ Filters: [filter] }), 'DescribeVolumes', 'ebs');
  return Volumes.find(({ State }) => State !== 'deleting' && State !== 'deleted');
}

/** The one of this id, or the one that a restore made of it, which has another id and says so in a tag. */
async function find(scene: Scenery, name: string, documents: Documents): Promise<string | undefined> {
  const { VolumeId = '' } = (documents.get(volumeFile) ?? {}) as Volume;
  // A name that a person gave is not an id: beside the original.
  const own = /^vol-[0-9a-f]+$/.test(name)
    ? await volumeBy(scene, { Name: 'volume-id', Values: [VolumeId] })
    : undefined;
  const found = own ?? (await volumeBy(scene, { Name: `tag:${restoredTag}`, Values: [name] }));
  const { region, account } = scene.aws;
  return found && `arn:aws:ec2:${region}:${account}:volume/${found.VolumeId}`;
}

/** `us-east-1a` → `eu-west-1a`. */
function zoneIn(region: string, zone = ''): string {
  return `${region}${/[a-z]$/.exec(zone)?.[0] ?? 'a'}`;
}

function wishOf(scene: Scenery, name: string, documents: Documents): RestoreWish {
  const volume = (documents.get(volumeFile) ?? {}) as Volume;
  const { region } = scene.aws;
  const { AvailabilityZone, VolumeType, Size, Iops, Throughput, Encrypted, KmsKeyId } = volume;
  return {
    name,
    resource: `ebs/volumes/${name}`,
    metadata(said, point) {
      const key = Encrypted === true ? keyAt(region, point, said['kmsKeyId'], KmsKeyId) : undefined;
      const { kmsKeyId: _, ...kept } = said;
      return {
        ...kept,
        availabilityZone: zoneIn(region, AvailabilityZone),
        ...(VolumeType === undefined ? {} : { volumeType: VolumeType }),
        ...(Size === undefined ? {} : { volumeSize: String(Size) }),
        // Only these types can be told.
        ...(Iops !== undefined && /^(gp3|io1|io2)$/.test(VolumeType ?? '') ? { iops: String(Iops) } : {}),
        ...(Throughput === undefined ? {} : { throughput: String(Throughput) }),
        encrypted: String(Encrypted === true),
        ...(key === undefined ? {} : { kmsKeyId: key }),
      };
    },
    async isFree(arn) {
      const made = await volumeBy(scene, { Name: 'volume-id', Values: [bareId(arn)] });
      return made?.State === 'available' && made.Tags?.some(({ Key }) => Key === restoredTag) !== true;
    },
  };
}

async function create(scene: Scenery, name: string, documents: Documents): Promise<Created> {
  const wish = wishOf(scene, name, documents);
  const { resource } = wish;
  const point = await restorablePoint(scene);
  if (!point) throw noPoint(scene, resource);
  const made = await restoreFrom(scene, point, wish);
  const Tags = [...tagList(documents.get('tags.json')), { Key: restoredTag, Value: name }];
  await required(scene.client.createTags({ Resources: [bareId(made)], Tags }), 'CreateTags', resource);
  const { region, account } = scene.aws;
  const id = `arn:aws:ec2:${region}:${account}:volume/${bareId(made)}`;
  if (!documents.has('attachments.json')) return { id };
  const note =
    'It is attached to no instance: attach it as attachments.json says, and read it once, for blocks come from S3.';
  return { id, class: 'needs-human', note };
}

/** A volume is made of its point by AWS Backup, with the size, type, speed and key of its document. */
export const volumeRestore: DocumentRestore<EC2, OptionsWithBackups> = {
  madeOf: [backupKind],
  find,
  create,
  async foresee(scene, name) {
    const point = await restorablePoint(scene);
    if (!point) throw noPoint(scene, `ebs/volumes/${name}`);
    return foreseen(point);
  },
  follows: (from, to) => [{ from: bareId(from), to: bareId(to) }],
};
