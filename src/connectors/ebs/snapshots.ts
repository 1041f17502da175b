import type { EC2, Snapshot } from '@aws-sdk/client-ec2';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';

/** Snapshots that the account owns, with nothing more to ask about each. */
async function* listSnapshots({ client, aws }: Scene<EC2>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.describeSnapshots({ OwnerIds: ['self'], MaxResults: 1000, NextToken }), 'DescribeSnapshots', 'ebs');
  for await (const { Snapshots = [] } of pages(ask, (page) => page.NextToken))
    for (const snapshot of Snapshots) {
      const { SnapshotId: name = '' } = snapshot;
      const id = `arn:aws:ec2:${aws.region}:${aws.account}:snapshot/${name}`;
      const tags = tagsOf(snapshot.Tags);
      yield { name, id, tags, listed: { tags, snapshot: documentOf(snapshot) } };
    }
}

/** Of when it is, for that is what one chooses by; without how far it is. */
function documentOf(snapshot: Snapshot): Json {
  return facts(snapshot, 'State', 'StateMessage', 'Progress', 'Tags', 'RestoreExpiryTime', 'CompletionTime');
}

async function describe({ client, once }: Scene<EC2>, { name, resource }: Address): Promise<Snapshot> {
  return await once('snapshot', async () => {
    const asking = client.describeSnapshots({ SnapshotIds: [name] });
    const [found] = (await required(asking, 'DescribeSnapshots', resource)).Snapshots ?? [];
    if (found) return found;
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

interface Listed {
  readonly tags: Record<string, string>;
  readonly snapshot: Json;
}

function notes(documents: Documents): readonly LedgerNote[] {
  const { StorageTier } = documents.get('snapshot.json') as Snapshot;
  if (StorageTier !== 'archive') return [];
  return [
    {
      class: 'needs-human',
      what: 'a snapshot in the archive',
      why: 'It must be restored to the standard tier before a volume can be made of it, which takes one to three days.',
      action: 'Keep what must be back sooner in the standard tier.',
    },
  ];
}

export const snapshots: DocumentKind<EC2> = {
  kind: 'snapshots',
  list: listSnapshots,
  parts: [
    {
      file: 'snapshot.json',
      read: async (scene, address, listed) =>
        (listed as Listed | undefined)?.snapshot ?? documentOf(await describe(scene, address)),
    },
    {
      file: 'tags.json',
      async read(scene, address, listed) {
        const tags = (listed as Listed | undefined)?.tags ?? tagsOf((await describe(scene, address)).Tags);
        return Object.keys(tags).length === 0 ? undefined : tags;
      },
    },
  ],
  directoryOnly: 'a snapshot holds data that EBS keeps; when it is gone, no description brings it back',
  notes,
};
