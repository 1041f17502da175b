import type { EC2, Volume } from '@aws-sdk/client-ec2';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { backupsOf, type OptionsWithBackups } from '../backup-points/options.ts';
import type { Address, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';
import { volumeRestore } from './restore-volume.ts';
import { comparableVolume, restoredTag, volumeFile } from './volume-facts.ts';

async function* listVolumes({ client, aws }: Scene<EC2>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.describeVolumes({ MaxResults: 500, NextToken }), 'DescribeVolumes', 'ebs');
  for await (const { Volumes = [] } of pages(ask, (page) => page.NextToken))
    for (const volume of Volumes) {
      const { VolumeId: name = '', State } = volume;
      if (State === 'deleting' || State === 'deleted') continue;
      const id = `arn:aws:ec2:${aws.region}:${aws.account}:volume/${name}`;
      yield { name, id, tags: ownTags(volume), listed: documentsOf(volume) };
    }
}

function ownTags({ Tags }: Volume): Record<string, string> {
  const { [restoredTag]: _, ...own } = tagsOf(Tags);
  return own;
}

interface Parts {
  readonly [part: string]: Json;
  readonly volume: Json;
  readonly attachments: readonly Json[];
  readonly tags: Record<string, string>;
}

function documentsOf(volume: Volume): Parts {
  const attached = (volume.Attachments ?? []).map((one) => facts(one, 'State', 'AttachTime', 'VolumeId'));
  return {
    volume: facts(volume, 'State', 'CreateTime', 'Attachments', 'Tags', 'FastRestored', 'Operator'),
    attachments: attached.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    tags: ownTags(volume),
  };
}

/** Of a restore another one than its name says. */
function bareId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

async function parts({ client, once }: Scene<EC2>, { id, resource }: Address, listed?: Json): Promise<Parts> {
  if (listed !== undefined) return listed as unknown as Parts;
  return await once('volume', async () => {
    const asking = client.describeVolumes({ VolumeIds: [bareId(id)] });
    const [found] = (await required(asking, 'DescribeVolumes', resource)).Volumes ?? [];
    if (found) return documentsOf(found);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

function notes(documents: Documents, _: Address, options: OptionsWithBackups): readonly LedgerNote[] {
  const { AvailabilityZone, Encrypted } = documents.get(volumeFile) as Volume;
  return [
    {
      class: 'needs-human',
      what: 'data of the volume',
      why: backupsOf(options)
        ? 'It is in the point of AWS Backup that was asked for with this one; the manifest names it.'
        : 'Holdfast captures what a volume is; data is in snapshots that EBS keeps.',
      action: backupsOf(options)
        ? 'Restore it live from that, attach it as attachments.json says, and read it once: blocks come from S3 when they are first read.'
        : `Keep snapshots, copied to the region and account of a restore${Encrypted ? ', under a key that is there' : ''}. ` +
          `Create a volume from one (CreateVolume) with the values of volume.json, in zone ${AvailabilityZone} or where its ` +
          'instance will be, attach it as attachments.json says, and read it once: blocks come from S3 when they are first read.',
    },
    {
      class: 'new-identity',
      what: 'id of the volume',
      why: 'EC2 makes it anew.',
      action: 'Find volumes by tags, not by ids.',
    },
  ];
}

export const volumes: DocumentKind<EC2, OptionsWithBackups> = {
  kind: 'volumes',
  list: listVolumes,
  parts: [
    {
      file: volumeFile,
      read: async (scene, address, listed) => (await parts(scene, address, listed)).volume,
      comparable: comparableVolume,
    },
    {
      file: 'attachments.json',
      async read(scene, address, listed) {
        const { attachments } = await parts(scene, address, listed);
        return attachments.length === 0 ? undefined : attachments;
      },
      // Instances are not restored: a person attaches it.
      comparable: () => undefined,
    },
    tagsPart({
      read: async (scene, address) => (await parts(scene, address)).tags,
      add: ({ client }, { id, resource }, Tags) =>
        required(client.createTags({ Resources: [bareId(id)], Tags }), 'CreateTags', resource),
      remove: ({ client }, { id, resource }, keys) => {
        const Tags = keys.map((Key) => ({ Key }));
        return required(client.deleteTags({ Resources: [bareId(id)], Tags }), 'DeleteTags', resource);
      },
    }),
  ],
  live: volumeRestore,
  directoryOnly:
    'a volume returns with its data, from a point of AWS Backup that its snapshot names (points: { via: aws-backup }); this one names none: create it from an EBS snapshot, with the values of volume.json',
  notes,
};
