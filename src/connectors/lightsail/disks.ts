import type { Lightsail } from '@aws-sdk/client-lightsail';
import { required } from '../aws/classify.ts';
import type { DocumentKind, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf } from '../documents/said.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { found, listed, lookIn, onceSaid } from './listing.ts';
import { pointsIfAllowed, recoveryNote, recoveryPart, type Points, type KnownSnapshot } from './recovery-points.ts';
import { diskRestore } from './restore-disk.ts';
import { ownTags } from './tags.ts';

/** Disks besides those of the system, which belong to their instances. */
async function* list(scene: Scene<Lightsail>): AsyncGenerator<Found> {
  const points = await pointsIfAllowed(() => diskPoints(scene));
  const all = pages(
    (pageToken) => required(scene.client.getDisks({ pageToken }), 'GetDisks', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const { disks: page = [] } of all)
    for (const one of page) {
      if (one.isSystemDisk) continue;
      const { facts, tags } = listed(one, 'gbInUse', 'attachmentState', 'addOns', 'autoMountStatus');
      const addOns = (one.addOns ?? []).map((addOn) => factsOf(addOn, 'nextSnapshotTimeOfDay'));
      const more = points ? { points: points[one.name ?? ''] ?? [] } : {};
      yield found(one, { facts: { ...facts, addOns }, tags, ...more });
    }
}

async function diskPoints({ client }: Scene<Lightsail>): Promise<Points> {
  const points: Record<string, KnownSnapshot[]> = {};
  const all = pages(
    (pageToken) => required(client.getDiskSnapshots({ pageToken }), 'GetDiskSnapshots', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const { diskSnapshots = [] } of all)
    for (const { name = '', createdAt, sizeInGb, fromDiskName, state } of diskSnapshots)
      if (state === 'completed' && fromDiskName)
        (points[fromDiskName] ??= []).push({
          name,
          kind: 'manual',
          at: createdAt?.toISOString() ?? '',
          ...(sizeInGb === undefined ? {} : { sizeInGb }),
        });
  return points;
}

export const disks: DocumentKind<Lightsail, OptionsWithPoints> = {
  kind: 'disks',
  // Those that were attached come back with their instances.
  rank: 1,
  list,
  parts: [onceSaid('disk.json', lookIn(list)), ownTags(lookIn(list)), recoveryPart(diskPoints, { automatic: true })],
  live: diskRestore,
  directoryOnly:
    'without a recovery point (points: true), a disk is created by hand from one of its snapshots, which recovery-points.json names',
  notes: (documents, _address, options) => [
    recoveryNote(documents, 'CreateDiskFromSnapshot', 'contents of the disk', { options, isLive: true }),
  ],
};
