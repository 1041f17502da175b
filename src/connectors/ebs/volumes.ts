import type { EC2, Volume } from '@aws-sdk/client-ec2';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { backupsOf, type OptionsWithBackups } from '../backup-points/options.ts';
import type { Address, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';

async function* listVolumes({ client, aws }: Scene<EC2>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.describeVolumes({ MaxResults: 500, NextToken }), 'DescribeVolumes', 'ebs');
  for await (const { Volumes = [] } of pages(ask, (page) => page.NextToken))
    for (const volume of Volumes) {
      const { VolumeId: name = '', State } = volume;
      if (State === 'deleting' || State === 'deleted') continue;
      const id = `arn:aws:ec2:${aws.region}:${aws.account}:volume/${name}`;
      yield { name, id, tags: tagsOf(volume.Tags), listed: documentsOf(volume) };
    }
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
    tags: tagsOf(volume.Tags),
  };
}

async function parts({ client, once }: Scene<EC2>, { name, resource }: Address, listed?: Json): Promise<Parts> {
  if (listed !== undefined) return listed as unknown as Parts;
  return await once('volume', async () => {
    const asking = client.describeVolumes({ VolumeIds: [name] });
    const [found] = (await required(asking, 'DescribeVolumes', resource)).Volumes ?? [];
    if (found) return documentsOf(found);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

function notes(documents: Documents, _: Address, options: OptionsWithBackups): readonly LedgerNote[] {
  const { AvailabilityZone, Encrypted } = documents.get('volume.json') as Volume;
  return [
    {
      class: 'needs-human',
      what: 'data of the volume',
      why: backupsOf(options)
        ? 'It is in the point of AWS Backup that was asked for with this one; the manifest names it.'
        : 'Holdfast captures what a volume is; data is in snapshots that EBS keeps.',
      action:
        `Keep snapshots, copied to the region and account of a restore${Encrypted ? ', under a key that is there' : ''}. ` +
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
    { file: 'volume.json', read: async (scene, address, listed) => (await parts(scene, address, listed)).volume },
    {
      file: 'attachments.json',
      async read(scene, address, listed) {
        const { attachments } = await parts(scene, address, listed);
        return attachments.length === 0 ? undefined : attachments;
      },
    },
    {
      file: 'tags.json',
      async read(scene, address, listed) {
        const { tags } = await parts(scene, address, listed);
        return Object.keys(tags).length === 0 ? undefined : tags;
      },
    },
  ],
  directoryOnly: 'a volume returns with its data, from a snapshot: create it from one, with the values of volume.json',
  notes,
};
