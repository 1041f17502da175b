import type { CreateFileSystemCommandInput, EFS, FileSystemDescription } from '@aws-sdk/client-efs';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { backupsOf, type OptionsWithBackups } from '../backup-points/options.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf } from '../documents/tags.ts';
import { bareId, follows } from './identity.ts';
import { mountTargets } from './mount-targets.ts';
import { backupPolicy, lifecycle, policy, replication } from './policies.ts';
import { foreseeFiles, restoreFiles, type FileSystemFacts } from './restore-files.ts';
import { tags } from './tags.ts';

const says = [
  'CreationToken',
  'PerformanceMode',
  'Encrypted',
  'KmsKeyId',
  'ThroughputMode',
  'ProvisionedThroughputInMibps',
  'AvailabilityZoneName',
] as const;
/** A file system takes seconds; a mount target is refused before. */
const [patience, pause] = [10 * 60_000, 5_000];

/** Called by their ids: names are tags, and not unique. */
async function* listFileSystems({ client }: Scene<EFS>): AsyncGenerator<Found> {
  const ask = (Marker?: string) =>
    required(client.describeFileSystems({ MaxItems: 100, Marker }), 'DescribeFileSystems', 'efs');
  for await (const { FileSystems = [] } of pages(ask, (page) => page.NextMarker))
    for (const one of FileSystems) {
      if (isGoing(one)) continue;
      const found = tagsOf(one.Tags);
      const listed = { tags: found, fileSystem: pick(one, ...says) };
      yield { name: one.FileSystemId ?? '', id: one.FileSystemArn ?? '', tags: found, listed };
    }
}

function isGoing({ LifeCycleState }: FileSystemDescription): boolean {
  return LifeCycleState === 'deleting' || LifeCycleState === 'deleted';
}

async function describe({ client, once }: Scene<EFS>, { id, resource }: Address): Promise<FileSystemDescription> {
  return await once('file-system', async () => {
    const asking = client.describeFileSystems({ FileSystemId: bareId(id) });
    const [found] = (await required(asking, 'DescribeFileSystems', resource)).FileSystems ?? [];
    if (found) return found;
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

const fileSystem: DocumentPart<EFS> = {
  file: 'file-system.json',
  read: async (scene, address, listed) =>
    (listed as { readonly fileSystem?: Json } | undefined)?.fileSystem ?? pick(await describe(scene, address), ...says),
  // Only how it is to be found again.
  comparable(document) {
    const { CreationToken: _, ...rest } = document as Record<string, Json>;
    return rest;
  },
  async write({ client }, { id, resource }, wanted) {
    // Performance mode, encryption and zone are said once and for all.
    const change = pick(wanted as object, 'ThroughputMode', 'ProvisionedThroughputInMibps');
    await required(client.updateFileSystem({ FileSystemId: bareId(id), ...change }), 'UpdateFileSystem', resource);
  },
};

/** A file system has no name of ours: it is known by the token it was created with, or by the name that it was renamed to. */
function tokenOf(name: string, documents: Documents): string {
  const { CreationToken } = documents.get(fileSystem.file) as { readonly CreationToken: string };
  return /^fs-[0-9a-f]+$/.test(name) ? CreationToken : name;
}

async function find({ client }: Scene<EFS>, CreationToken: string): Promise<FileSystemDescription | undefined> {
  const asking = client.describeFileSystems({ CreationToken });
  const { FileSystems = [] } = await required(asking, 'DescribeFileSystems', 'efs/file-systems');
  return FileSystems.find((one) => !isGoing(one));
}

async function create(scene: Scene<EFS, OptionsWithBackups>, name: string, documents: Documents): Promise<Created> {
  const resource = `efs/file-systems/${name}`;
  const CreationToken = tokenOf(name, documents);
  const whole = documents.get(fileSystem.file) as Record<string, Json>;
  const input = { ...whole, CreationToken, Tags: tagList(documents.get('tags.json')) } as CreateFileSystemCommandInput;
  const point = await restoreFiles(scene, name, { ...(whole as unknown as FileSystemFacts), CreationToken });
  if (point === undefined) await required(scene.client.createFileSystem(input), 'CreateFileSystem', resource);
  const { clock } = scene.runtime;
  const until = clock.now() + patience;
  for (;;) {
    const made = await find(scene, CreationToken);
    if (made?.LifeCycleState === 'available')
      return {
        id: made.FileSystemArn ?? '',
        class: 'needs-human',
        note:
          point === undefined
            ? 'It is empty: restore its contents from a recovery point of AWS Backup, which come back in a folder of their own.'
            : `Its files come from ${point}; where they are in a folder aws-backup-restore_…, move them.`,
      };
    if (clock.now() > until) {
      const message = `${resource} is still ${made?.LifeCycleState ?? 'not there'} after ${patience / 60_000} minutes`;
      throw new HoldfastError('item.unavailable', message, { resource });
    }
    await clock.sleep(pause, scene.signal);
  }
}

function notes(documents: Documents, _: Address, options: OptionsWithBackups): readonly LedgerNote[] {
  const { AvailabilityZoneName } = documents.get(fileSystem.file) as { readonly AvailabilityZoneName?: string };
  const { Status } = (documents.get(backupPolicy.file) ?? {}) as { readonly Status?: string };
  const found: LedgerNote[] = [
    {
      class: 'needs-human',
      what: 'files',
      why: backupsOf(options)
        ? 'They are in the point of AWS Backup that was asked for with this one; the manifest names it.'
        : `Holdfast captures the configuration of a file system; its contents come from AWS Backup${Status === 'ENABLED' ? '.' : ', and its backup policy is off.'}`,
      action: backupsOf(options)
        ? 'Restore it live from that; where its files are in a folder of their own (aws-backup-restore_…), move them.'
        : 'Keep recovery points of AWS Backup in the region and account of a restore. Items are restored to a folder of their own (aws-backup-restore_…): move them.',
    },
    {
      class: 'new-identity',
      what: 'id, DNS name and addresses',
      why: 'EFS makes them anew.',
      action: 'Mount by a name of your own (a CNAME), or by what is restored in the same run and rewritten.',
    },
  ];
  if (AvailabilityZoneName !== undefined)
    found.push({
      class: 'needs-human',
      what: `zone ${AvailabilityZoneName}`,
      why: 'The file system lives in one zone, and is created in a zone of that name.',
      action: 'In another region create it by hand from file-system.json, with a zone of that region.',
    });
  if (documents.has(replication.file))
    found.push({
      class: 'needs-human',
      what: 'replication',
      why: 'A replica is a file system of its own with data of its own; which one to trust after a disaster is a decision.',
      action: 'See replication.json; after a restore create the replication again (CreateReplicationConfiguration).',
    });
  return found;
}

export const fileSystems: DocumentKind<EFS, OptionsWithBackups> = {
  kind: 'file-systems',
  list: listFileSystems,
  parts: [
    fileSystem,
    lifecycle,
    backupPolicy,
    policy,
    replication,
    mountTargets,
    tags(async (scene, address) => tagsOf((await describe(scene, address)).Tags)),
  ],
  live: {
    find: async (scene, name, documents) => (await find(scene, tokenOf(name, documents)))?.FileSystemArn,
    create,
    foresee: foreseeFiles,
    follows,
  },
  notes,
};
