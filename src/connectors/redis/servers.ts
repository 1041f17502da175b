import { HoldfastError } from '../../kernel/errors.ts';
import type { ConnectorContext } from '../contract.ts';
import { parseAddress, showAddress, type Address } from './address.ts';
import { createConnection, type Connection } from './connection.ts';
import type { RedisOptions } from './options.ts';
import { readServerInfo, type ServerInfo } from './server-info.ts';
import { readTopology, type Shard, type Topology } from './topology.ts';

/** The server of a source, and the other nodes where it is a cluster. */
export interface Servers {
  /** `redis/cache` */
  readonly resource: string;
  /** The one that the url names. */
  readonly first: Connection;
  readonly info: ServerInfo;
  /** Undefined: not a cluster. */
  readonly topology: Topology | undefined;
  /** A connection of its own to a node, with the user and password of the source; closed with the others. */
  connect(where: Pick<Address, 'host' | 'port'>, settings?: { readonly replica?: boolean }): Connection;
  /** Milliseconds; throws when the run is interrupted. */
  pause(ms: number): Promise<void>;
  close(): void;
}

/** Opens the server of the source and reads what it is. Throws item errors. */
export async function openServers(context: ConnectorContext<RedisOptions>): Promise<Servers> {
  const { options, runtime, signal } = context;
  const resource = `redis/${options.name}`;
  const address = parseAddress(options.url);
  const open: Connection[] = [];
  const connect: Servers['connect'] = (where, settings = {}) => {
    const to = { ...address, host: where.host, port: where.port };
    const connection = createConnection({ address: to, ca: options.ca, resource, runtime, signal, ...settings });
    open.push(connection);
    return connection;
  };
  const close = (): void => {
    for (const connection of open) connection.close();
  };
  try {
    const first = connect(address);
    const info = await readServerInfo(first);
    if (options.cluster === true && !info.isCluster) {
      throw new HoldfastError('item.invalid', `${showAddress(address)} is not part of a cluster`, {
        resource,
        hint: 'Leave `cluster` out of the source, or name a node of the cluster.',
      });
    }
    const topology = info.isCluster ? await readTopology(first) : undefined;
    const pause = async (ms: number): Promise<void> => await runtime.clock.sleep(ms, signal);
    return { resource, first, info, topology, connect, pause, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Where a shard is read: at a replica where the source prefers one and there is one. */
export function readingNode(
  { primary, replicas }: Shard,
  { preferReplicas }: RedisOptions,
): { readonly where: Pick<Address, 'host' | 'port'>; readonly replica: boolean } {
  const replica = preferReplicas ? replicas[0] : undefined;
  return replica === undefined ? { where: primary, replica: false } : { where: replica, replica: true };
}
