import { HoldfastError } from '../../kernel/errors.ts';
import type { Command, Connection, Reply } from './connection.ts';
import { dumpKeys, type DumpedKey } from './dump.ts';
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
  /** A connection to each primary. */
  primaries(): readonly Connection[];
}

export interface KeyCommand {
  readonly key: Buffer;
  readonly command: Command;
}

/** How often a cluster may send us elsewhere: slots that are on their way stay so for a while. */
const mostRedirections = 20;

export function createRouter(servers: Servers): Router {
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
  /** Works on the items node by node, and again on those that were sent elsewhere, by a new topology. */
  async function perNode<T extends { readonly key: Buffer }>(
    database: number,
    items: readonly T[],
    work: (connection: Connection, own: readonly T[]) => Promise<readonly T[]>,
  ): Promise<void> {
    let left = items;
    for (let round = 0; left.length > 0; round++) {
      if (round > mostRedirections) {
        throw new HoldfastError(
          'item.unavailable',
          'the cluster is moving slots; keys in them cannot be restored now',
          {
            resource,
            hint: 'Run the same restore again when the cluster is not being resharded.',
          },
        );
      }
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
        elsewhere.push(...(await work(connection, own)));
      }
      left = elsewhere;
    }
  }
  return {
    async send(database, commands) {
      if (!topology) {
        await first.select(database);
        return await first.send(commands.map(({ command }) => command));
      }
      const replies = new Map<KeyCommand, Reply>();
      await perNode(database, commands, async (connection, own) => {
        const answers = await connection.send(own.map(({ command }) => command));
        for (const [i, item] of own.entries()) replies.set(item, answers[i] ?? null);
        return own.filter((item) => isElsewhere(replies.get(item)));
      });
      return commands.map((command) => replies.get(command) ?? null);
    },
    async read(database, keys) {
      const live = new Map<string, DumpedKey>();
      const settings = { exactExpiry: isAtLeast(info, 7), apart: info.isCluster, resource };
      await perNode(
        database,
        keys.map((key) => ({ key })),
        async (connection, own) => {
          const { found, moved, failed } = await dumpKeys(
            connection,
            own.map(({ key }) => key),
            settings,
          );
          if (failed[0]) throw failed[0].error;
          for (const one of found) live.set(one.key.toString('latin1'), one);
          return moved.map((key) => ({ key }));
        },
      );
      return live;
    },
    primaries: () => topology?.shards.map(({ primary }) => connectionTo(primary)) ?? [first],
  };
}

function isElsewhere(reply: Reply | undefined): boolean {
  return reply instanceof Error && /^(MOVED|ASK|TRYAGAIN) /.test(reply.message);
}
