import type { Instance, Lightsail } from '@aws-sdk/client-lightsail';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind, Found, Scene } from '../documents/contract.ts';
import { factsOf } from '../documents/said.ts';
import { pages } from '../documents/pages.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { found, listed, lookIn, onceSaid } from './listing.ts';
import { pointsIfAllowed, recoveryNote, recoveryPart, type Points, type KnownSnapshot } from './recovery-points.ts';
import { instanceRestore } from './restore-instance.ts';
import { ownTags } from './tags.ts';

/** Instances a page at a time. */
export async function* instancesOf({ client }: Scene<Lightsail>): AsyncGenerator<Instance> {
  const all = pages(
    (pageToken) => required(client.getInstances({ pageToken }), 'GetInstances', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const page of all) yield* page.instances ?? [];
}

async function* list(scene: Scene<Lightsail>): AsyncGenerator<Found> {
  const points = await pointsIfAllowed(() => instancePoints(scene));
  for await (const one of instancesOf(scene)) {
    const said = { ...listed(one, ...apart), ...(points ? { points: points[one.name ?? ''] ?? [] } : {}) };
    yield found(one, { ...said, facts: { ...said.facts, ...more(one) } });
  }
}

/** What changes with each start, what has a document of its own (the firewall), and what is described below. */
const apart = [
  'publicIpAddress',
  'instanceStatus',
  'systemStatus',
  'hardware',
  'networking',
  'addOns',
  'metadataOptions',
];

function more({ hardware, networking, addOns = [], metadataOptions }: Instance): Record<string, Json> {
  const disks = (hardware?.disks ?? []).map((disk) =>
    factsOf(disk, 'gbInUse', 'attachmentState', 'state', 'supportCode'),
  );
  return {
    hardware: { ...factsOf(hardware, 'disks'), ...(disks.length > 0 ? { disks } : {}) },
    addOns: addOns.map((one) => factsOf(one, 'nextSnapshotTimeOfDay')) as Json,
    metadataOptions: factsOf(metadataOptions, 'state'),
    networking: factsOf(networking, 'ports'),
  };
}

async function instancePoints({ client }: Scene<Lightsail>): Promise<Points> {
  const points: Record<string, KnownSnapshot[]> = {};
  const all = pages(
    (pageToken) => required(client.getInstanceSnapshots({ pageToken }), 'GetInstanceSnapshots', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const page of all)
    for (const one of page.instanceSnapshots ?? []) {
      if (one.state !== 'available') continue;
      const disks = (one.fromAttachedDisks ?? []).flatMap(({ name, isSystemDisk }) =>
        isSystemDisk || !name ? [] : [name],
      );
      (points[one.fromInstanceName ?? ''] ??= []).push({
        name: one.name ?? '',
        kind: 'manual',
        at: one.createdAt?.toISOString() ?? '',
        ...(one.sizeInGb === undefined ? {} : { sizeInGb: one.sizeInGb }),
        ...(disks.length > 0 ? { disks: disks.sort() } : {}),
      });
    }
  return points;
}

export const instances: DocumentKind<Lightsail, OptionsWithPoints> = {
  kind: 'instances',
  list,
  parts: [
    onceSaid('instance.json', lookIn(list)),
    ownTags(lookIn(list)),
    recoveryPart(instancePoints, { automatic: true }),
  ],
  live: instanceRestore,
  directoryOnly:
    'without a recovery point (points: true), an instance is created by hand from one of its snapshots, which recovery-points.json names',
  notes: (documents, _address, options) => [
    recoveryNote(documents, 'CreateInstancesFromSnapshot', 'contents of the instance', { options, isLive: true }),
  ],
};
