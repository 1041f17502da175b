import type { Lightsail, RegionName } from '@aws-sdk/client-lightsail';
import type { PointState, RecoveryPoint } from '../../kernel/recovery-point.ts';
import { required } from '../aws/classify.ts';
import type { PointKind, PointService, PointTags } from '../points/contract.ts';
import { resourceTag, runTag } from '../points/tags.ts';
import { lightsailClient } from './calls.ts';
import { tagMap } from './listing.ts';
import {
  databaseSnapshots,
  diskSnapshots,
  instanceSnapshots,
  type Snapshot,
  type SnapshotCalls,
} from './snapshot-calls.ts';

const gib = 1024 ** 3;

/** As each kind says it; what it says otherwise (creating, backing-up, unknown) is under way. */
const states: Readonly<Record<string, PointState>> = {
  available: 'available',
  completed: 'available',
  error: 'failed',
  failed: 'failed',
};

function pointOf({ kind }: SnapshotCalls, region: string, snapshot: Snapshot): RecoveryPoint {
  const { name = '', arn = name, createdAt, state = '', sizeInGb } = snapshot;
  const at = createdAt?.getTime();
  const run = tagMap(snapshot.tags)[runTag];
  const is = states[state] ?? 'pending';
  const percent = 'progress' in snapshot ? Number.parseInt(snapshot.progress ?? '', 10) : Number.NaN;
  return {
    kind,
    id: arn,
    name,
    region,
    state: is,
    ...(at === undefined ? {} : { at, startedAt: at }),
    ...(run === undefined ? {} : { run }),
    ...(sizeInGb === undefined ? {} : { bytes: sizeInGb * gib }),
    ...(is === 'pending' && percent >= 0 && percent <= 100 ? { percent } : {}),
    ...(is === 'failed' ? { reason: `Lightsail says ${state}` } : {}),
  };
}

function kindOf(calls: SnapshotCalls): PointKind<Lightsail> {
  const { kind, of } = calls;
  return {
    kind,
    of,
    async find(client, name, region) {
      const found = await calls.get(client, name);
      return found && pointOf(calls, region, found);
    },
    create: (client, source, { name, tags }) => calls.create(client, source.name, name, tagList(tags)),
    async *list(client, source, region) {
      for await (const one of calls.list(client)) {
        const isOf = calls.sourceOf(one) === source.name || tagMap(one.tags)[resourceTag] === source.id;
        if (isOf) yield pointOf(calls, region, one);
      }
    },
    remove: (client, name) => calls.remove(client, name),
    ...(calls.isCopied
      ? {
          copy: (client, { name: sourceSnapshotName, region }, { name: targetSnapshotName }) =>
            required(
              client.copySnapshot({ sourceSnapshotName, targetSnapshotName, sourceRegion: region as RegionName }),
              'CopySnapshot',
              sourceSnapshotName,
            ),
          tag: (client, name, tags) =>
            required(client.tagResource({ resourceName: name, tags: tagList(tags) }), 'TagResource', name),
        }
      : {}),
  };
}

function tagList(tags: PointTags): { readonly key: string; readonly value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** Snapshots of instances (with their disks), of disks, and of databases; those of databases stay in their region. */
export const lightsailPoints: PointService<Lightsail> = {
  type: 'lightsail',
  client: lightsailClient,
  kinds: [instanceSnapshots, diskSnapshots, databaseSnapshots].map(kindOf),
};
