import type {
  DiskSnapshot,
  InstanceSnapshot,
  Lightsail,
  RelationalDatabaseSnapshot,
  Tag,
} from '@aws-sdk/client-lightsail';
import { optional, required } from '../aws/classify.ts';
import { pages } from '../documents/pages.ts';
import { absent } from './by-name.ts';

export type Snapshot = InstanceSnapshot | DiskSnapshot | RelationalDatabaseSnapshot;

/** One kind of snapshot: the same calls under other names. */
export interface SnapshotCalls {
  readonly kind: string;
  readonly of: string;
  readonly isCopied: boolean;
  get(client: Lightsail, name: string): Promise<Snapshot | undefined>;
  create(client: Lightsail, source: string, name: string, tags: Tag[]): Promise<unknown>;
  list(client: Lightsail): AsyncIterable<Snapshot>;
  sourceOf(snapshot: Snapshot): string | undefined;
  remove(client: Lightsail, name: string): Promise<unknown>;
}

export const instanceSnapshots: SnapshotCalls = {
  kind: 'lightsail-instance-snapshot',
  of: 'instances/',
  isCopied: true,
  get: async (client, instanceSnapshotName) =>
    (
      await optional(
        client.getInstanceSnapshot({ instanceSnapshotName }),
        'GetInstanceSnapshot',
        instanceSnapshotName,
        ...absent,
      )
    )?.instanceSnapshot,
  create: (client, instanceName, instanceSnapshotName, tags) =>
    required(
      client.createInstanceSnapshot({ instanceName, instanceSnapshotName, tags }),
      'CreateInstanceSnapshot',
      `lightsail/instances/${instanceName}`,
    ),
  async *list(client) {
    const ask = (pageToken?: string) =>
      required(client.getInstanceSnapshots({ pageToken }), 'GetInstanceSnapshots', 'lightsail');
    for await (const page of pages(ask, (one) => one.nextPageToken)) yield* page.instanceSnapshots ?? [];
  },
  sourceOf: (snapshot) => (snapshot as InstanceSnapshot).fromInstanceName,
  remove: (client, instanceSnapshotName) =>
    optional(
      client.deleteInstanceSnapshot({ instanceSnapshotName }),
      'DeleteInstanceSnapshot',
      instanceSnapshotName,
      ...absent,
    ),
};

export const diskSnapshots: SnapshotCalls = {
  kind: 'lightsail-disk-snapshot',
  of: 'disks/',
  isCopied: true,
  get: async (client, diskSnapshotName) =>
    (await optional(client.getDiskSnapshot({ diskSnapshotName }), 'GetDiskSnapshot', diskSnapshotName, ...absent))
      ?.diskSnapshot,
  create: (client, diskName, diskSnapshotName, tags) =>
    required(
      client.createDiskSnapshot({ diskName, diskSnapshotName, tags }),
      'CreateDiskSnapshot',
      `lightsail/disks/${diskName}`,
    ),
  async *list(client) {
    const ask = (pageToken?: string) =>
      required(client.getDiskSnapshots({ pageToken }), 'GetDiskSnapshots', 'lightsail');
    for await (const page of pages(ask, (one) => one.nextPageToken)) yield* page.diskSnapshots ?? [];
  },
  sourceOf: (snapshot) => (snapshot as DiskSnapshot).fromDiskName,
  remove: (client, diskSnapshotName) =>
    optional(client.deleteDiskSnapshot({ diskSnapshotName }), 'DeleteDiskSnapshot', diskSnapshotName, ...absent),
};

export const databaseSnapshots: SnapshotCalls = {
  kind: 'lightsail-database-snapshot',
  of: 'databases/',
  // CopySnapshot takes snapshots of instances and disks only.
  isCopied: false,
  get: async (client, relationalDatabaseSnapshotName) =>
    (
      await optional(
        client.getRelationalDatabaseSnapshot({ relationalDatabaseSnapshotName }),
        'GetRelationalDatabaseSnapshot',
        relationalDatabaseSnapshotName,
        ...absent,
      )
    )?.relationalDatabaseSnapshot,
  create: (client, relationalDatabaseName, relationalDatabaseSnapshotName, tags) =>
    required(
      client.createRelationalDatabaseSnapshot({ relationalDatabaseName, relationalDatabaseSnapshotName, tags }),
      'CreateRelationalDatabaseSnapshot',
      `lightsail/databases/${relationalDatabaseName}`,
    ),
  async *list(client) {
    const ask = (pageToken?: string) =>
      required(client.getRelationalDatabaseSnapshots({ pageToken }), 'GetRelationalDatabaseSnapshots', 'lightsail');
    for await (const page of pages(ask, (one) => one.nextPageToken)) yield* page.relationalDatabaseSnapshots ?? [];
  },
  sourceOf: (snapshot) => (snapshot as RelationalDatabaseSnapshot).fromRelationalDatabaseName,
  remove: (client, relationalDatabaseSnapshotName) =>
    optional(
      client.deleteRelationalDatabaseSnapshot({ relationalDatabaseSnapshotName }),
      'DeleteRelationalDatabaseSnapshot',
      relationalDatabaseSnapshotName,
      ...absent,
    ),
};
