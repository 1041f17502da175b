import type { CaptureSink } from '../../kernel/capture.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ConnectorContext } from '../contract.ts';
import type { Connection } from './connection.ts';
import { collectionOf, keyEntry } from './key-entry.ts';
import { readMovedSlots } from './moved-slots.ts';
import type { RedisOptions } from './options.ts';
import { createReader } from './paced-reader.ts';
import { keyFilter } from './patterns.ts';
import { readKeys, type KeyReader, type PacedReader } from './read-keys.ts';
import { scanKeys } from './scan.ts';
import { createSeen } from './seen.ts';
import { expectSameRun, readServerInfo } from './server-info.ts';
import { readingNode, type Servers } from './servers.ts';
import { slotOf } from './slot.ts';
import { nameOf, slotCount, type Topology } from './topology.ts';

/** Shards read at the same time: each is another machine. */
const shardsAtOnce = 4;
/** Keys are listed in a fraction of the time that reading them takes. */
const listed = 2;

/** Every key of every wanted database. Throws item errors of the connection. */
export async function captureKeys(
  context: ConnectorContext<RedisOptions>,
  servers: Servers,
  sink: CaptureSink,
): Promise<void> {
  if (servers.topology) await captureCluster(context, servers, servers.topology, sink);
  else await captureServer(context, servers, sink);
}

async function captureServer(
  context: ConnectorContext<RedisOptions>,
  servers: Servers,
  sink: CaptureSink,
): Promise<void> {
  const { options } = context;
  const { first, info } = servers;
  const filter = keyFilter(options);
  const reader = await createReader(context, first, info);
  for (const database of [...info.keys.keys()].sort((a, b) => a - b)) {
    if (options.databases && !options.databases.includes(database)) continue;
    await first.select(database);
    const state = { batches: 0 };
    const seen = createSeen();
    for await (const keys of scanKeys(first, () => listed * reader.pace.keys)) {
      const wanted = keys.filter((key) => filter(key) && seen.add(key));
      await readKeys(intoCollection(reader, sink, database), wanted, state);
    }
  }
  await first.select(0);
  await expectSameRun(first, info, servers.resource);
}

async function captureCluster(
  context: ConnectorContext<RedisOptions>,
  servers: Servers,
  topology: Topology,
  sink: CaptureSink,
): Promise<void> {
  const { options } = context;
  const served = topology.shards
    .flatMap(({ slots }) => slots)
    .reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (served < slotCount) {
    const message = `${slotCount - served} slots of the cluster are served by nobody: their keys could not be read`;
    sink.fail(new HoldfastError('item.unavailable', message, { resource: servers.resource }));
  }
  const filter = keyFilter(options);
  const moved = new Set<number>();
  const readers = new Map<string, PacedReader>();
  // Keys that one shard gave away and another took are met twice; the sink keeps one of them.
  const onMoved = (key: Buffer): void => void moved.add(slotOf(key));
  const readerOf = async (connection: Connection): Promise<KeyReader> => {
    const name = nameOf(connection.address);
    const known = readers.get(name) ?? (await createReader(context, connection));
    readers.set(name, known);
    return { ...intoCollection(known, sink, 0), moved: onMoved };
  };
  await forEachConcurrent(topology.shards, shardsAtOnce, async (shard) => {
    const { where, replica } = readingNode(shard, options);
    const connection = servers.connect(where, { replica });
    const info = await readServerInfo(connection);
    const reader = await readerOf(connection);
    const state = { batches: 0 };
    const seen = createSeen();
    for await (const keys of scanKeys(connection, () => listed * reader.pace.keys)) {
      await readKeys(
        reader,
        keys.filter((key) => filter(key) && seen.add(key)),
        state,
      );
    }
    await expectSameRun(connection, info, servers.resource);
  });
  readers.clear();
  const nodes = new Map<string, Connection>();
  const node = (where: Parameters<Servers['connect']>[0]): Connection => {
    const connection = nodes.get(nameOf(where)) ?? servers.connect(where);
    nodes.set(nameOf(where), connection);
    return connection;
  };
  await readMovedSlots(
    {
      first: servers.first,
      node,
      async read(connection, keys, asking) {
        const left: Buffer[] = [];
        const reader = await readerOf(connection);
        const dump = { ...reader.dump, asking };
        await readKeys({ ...reader, dump, moved: (key) => void left.push(key) }, keys.filter(filter), { batches: 0 });
        return left;
      },
    },
    topology,
    moved,
  );
}

function intoCollection(reader: PacedReader, sink: CaptureSink, database: number): KeyReader {
  const collection = collectionOf(database);
  const keys = sink.collection(collection, { order: 'unsorted' });
  return {
    ...reader,
    moved: () => undefined,
    found: (key) => keys.add(keyEntry(key)),
    failed: (key, error) => sink.fail(error, { collection, key }),
  };
}
