import { HoldfastError } from '../../kernel/errors.ts';
import type { ConnectorContext } from '../contract.ts';
import type { Command, Connection, Reply } from './connection.ts';
import { dumpKeys, type DumpedKey } from './dump.ts';
import type { RedisOptions } from './options.ts';
import { createReader } from './paced-reader.ts';
import { pacedBatches, type PacedReader } from './read-keys.ts';
import { isAtLeast } from './server-info.ts';
import type { Servers } from './servers.ts';
import { slotOf } from './slot.ts';
import { nameOf, readTopology } from './topology.ts';
import { showKey } from './key-entry.ts';

/** Sends commands about keys to whoever has those keys: the one server, or nodes of a cluster. */
export interface Router {
  /** One command for each key; replies in their order. */
  send(database: number, commands: readonly KeyCommand[]): Promise<Reply[]>;
  /** Keys as they are now, by their bytes in Latin-1; those that are not there are absent. Throws on a key that cannot be read. */
  read(database: number, keys: readonly Buffer[]): Promise<ReadonlyMap<string, DumpedKey>>;
  /** The same, a batch at a time, within the measure in which captures read: memory holds one batch. */
  readPaced(database: number, keys: readonly Buffer[]): AsyncIterable<readonly DumpedKey[]>;
  /** A connection to each primary. */
  primaries(): readonly Connection[];
  /** Who has a key, among `primaries`. */
  primaryOf(key: Buffer): Connection;
}

export interface KeyCommand {
  readonly key: Buffer;
  readonly command: Command;
}

/** How often a cluster may send us elsewhere: slots that are on their way stay so for a while. */
const mostRedirections = 20;

export function createRouter(context: ConnectorContext<RedisOptions>, servers: Servers): Router {
  const { first, info, resource } = servers;
  const connections = new Map<string, Connection>();
  let { topology } = servers;

  function nodeFor(key: Buffer): Connection {
    if (!topology) return first;
    const owner = topology.ownerOf(slotOf(key));
    if (!owner) {
      throw new HoldfastError('item.unavailable', `no node of the cluster serves ${showKey(key)}`, { resource });
    }
    return connectionTo(owner.primary);
  }
  function connectionTo(where: { readonly host: string; readonly port: number }): Connection {
    const connection = connections.get(nameOf(where)) ?? servers.connect(where);
    connections.set(nameOf(where), connection);
    return connection;
  }
  /** The items node by node, and again those that were sent elsewhere, by a new topology. */
  async function* perNode<T extends { readonly key: Buffer }>(
    database: number,
    items: readonly T[],
  ): AsyncGenerator<NodeShare<T>> {
    let left = items;
    for (let round = 0; left.length > 0; round++) {
      if (round > mostRedirections) throw movingSlots(resource);
      if (round > 0) {
        await servers.pause(round * 50);
        topology = await readTopology(first);
      }
      const groups = new Map<Connection, T[]>();
      for (const item of left) {
        const node = nodeFor(item.key);
        const own = groups.get(node);
        if (own) own.push(item);
        else groups.set(node, [item]);
      }
      const elsewhere: T[] = [];
      for (const [connection, own] of groups) {
        await connection.select(database);
        yield { connection, own, elsewhere: (some) => void elsewhere.push(...some) };
      }
      left = elsewhere;
    }
  }
  const readers = new Map<Connection, PacedReader>();
  const paced = { batches: 0 };
  async function readerOf(connection: Connection): Promise<PacedReader> {
    const reader = readers.get(connection) ?? (await createReader(context, connection));
    readers.set(connection, reader);
    return reader;
  }
  return {
    async send(database, commands) {
      if (!topology) {
        await first.select(database);
        return await first.send(commands.map(({ command }) => command));
      }
      const replies = new Map<KeyCommand, Reply>();
      for await (const { connection, own, elsewhere } of perNode(database, commands)) {
        const answers = await connection.send(own.map(({ command }) => command));
        for (const [i, item] of own.entries()) replies.set(item, answers[i] ?? null);
        elsewhere(own.filter((item) => isElsewhere(replies.get(item))));
      }
      return commands.map((command) => replies.get(command) ?? null);
    },
    async read(database, keys) {
      const live = new Map<string, DumpedKey>();
      const settings = { exactExpiry: isAtLeast(info, 7), apart: info.isCluster, resource };
      for await (const { connection, own, elsewhere } of perNode(database, asItems(keys))) {
        const { found, moved, failed } = await dumpKeys(connection, keysOf(own), settings);
        if (failed[0]) throw failed[0].error;
        for (const one of found) live.set(one.key.toString('latin1'), one);
        elsewhere(asItems(moved));
      }
      return live;
    },
    async *readPaced(database, keys) {
      for await (const { connection, own, elsewhere } of perNode(database, asItems(keys))) {
        const reader = await readerOf(connection);
        for await (const { found, moved, failed } of pacedBatches(reader, keysOf(own), paced)) {
          if (failed[0]) throw failed[0].error;
          elsewhere(asItems(moved));
          yield found;
          // Whoever took the batch may have been elsewhere with this connection meanwhile.
          await connection.select(database);
        }
      }
    },
    primaries: () => topology?.shards.map(({ primary }) => connectionTo(primary)) ?? [first],
    primaryOf: nodeFor,
  };
}

function asItems(keys: readonly Buffer[]): { readonly key: Buffer }[] {
  return keys.map((key) => ({ key }));
}

function keysOf(items: readonly { readonly key: Buffer }[]): Buffer[] {
  return items.map(({ key }) => key);
}

/** What one node of a cluster has of some items, and where to put those that it does not have any more. */
interface NodeShare<T> {
  readonly connection: Connection;
  readonly own: readonly T[];
  elsewhere(items: readonly T[]): void;
}

function movingSlots(resource: string): HoldfastError {
  return new HoldfastError('item.unavailable', 'the cluster is moving slots; keys in them cannot be restored now', {
    resource,
    hint: 'Run the same restore again when the cluster is not being resharded.',
  });
}

function isElsewhere(reply: Reply | undefined): boolean {
  return reply instanceof Error && /^(MOVED|ASK|TRYAGAIN) /.test(reply.message);
}
