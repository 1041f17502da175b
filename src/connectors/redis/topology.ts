import type { Address } from './address.ts';
import type { Connection, Reply } from './connection.ts';
import { HoldfastError } from '../../kernel/errors.ts';

export interface Shard {
  readonly primary: Pick<Address, 'host' | 'port'>;
  readonly replicas: readonly Pick<Address, 'host' | 'port'>[];
  /** First and last slot of each range. */
  readonly slots: readonly (readonly [number, number])[];
}

export interface Topology {
  readonly shards: readonly Shard[];
  /** The shard of each slot; undefined: nobody serves it. */
  ownerOf(slot: number): Shard | undefined;
}

export const slotCount = 16_384;

/** Who serves which slots, by CLUSTER SLOTS, which every version has. Throws item errors. */
export async function readTopology(connection: Connection): Promise<Topology> {
  const answer = await connection.ask('read the slots of the cluster (CLUSTER SLOTS)', 'CLUSTER', 'SLOTS');
  const shards = new Map<string, { -readonly [K in keyof Shard]: Shard[K] }>();
  const owners = new Map<number, Shard>();
  for (const range of list(answer)) {
    const [first, last, ...nodes] = list(range);
    const [primary, ...replicas] = nodes.map((node) => addressOf(node, connection.address));
    if (typeof first !== 'number' || typeof last !== 'number' || primary === undefined) continue;
    const name = nameOf(primary);
    const shard = shards.get(name) ?? { primary, replicas, slots: [] };
    shard.slots = [...shard.slots, [first, last] as const].sort((a, b) => a[0] - b[0]);
    shards.set(name, shard);
    for (let slot = first; slot <= last; slot++) owners.set(slot, shard);
  }
  if (shards.size === 0) throw new HoldfastError('item.unavailable', 'the cluster serves no slots');
  const sorted = [...shards.values()].sort((a, b) => (a.slots[0]?.[0] ?? 0) - (b.slots[0]?.[0] ?? 0));
  return { shards: sorted, ownerOf: (slot) => owners.get(slot) };
}

export function nameOf({ host, port }: Pick<Address, 'host' | 'port'>): string {
  return `${host}:${port}`;
}

/** Slots that are on their way: slot → where to (`migrating`) or whence; of one node, by its own line of CLUSTER NODES. */
export async function slotsOnTheirWay(
  connection: Connection,
): Promise<ReadonlyMap<number, Pick<Address, 'host' | 'port'>>> {
  const text = String(await connection.ask('read the nodes of the cluster (CLUSTER NODES)', 'CLUSTER', 'NODES'));
  const lines = text.split('\n').map((line) => line.split(' '));
  const addresses = new Map(lines.map(([id = '', address = '']) => [id, address]));
  const own = lines.find(([, , flags = '']) => flags.split(',').includes('myself')) ?? [];
  const moving = new Map<number, Pick<Address, 'host' | 'port'>>();
  for (const word of own) {
    const [, slot, id = ''] = /^\[(\d+)->-([0-9a-f]+)\]$/.exec(word) ?? [];
    const address = /^(.*):(\d+)@/.exec(addresses.get(id) ?? '');
    if (slot !== undefined && address) {
      moving.set(Number(slot), { host: address[1] || connection.address.host, port: Number(address[2]) });
    }
  }
  return moving;
}

function addressOf(node: Reply, asked: Address): Pick<Address, 'host' | 'port'> {
  const [host, port] = list(node);
  // An empty or unknown host is the one that was asked.
  const name = host === null || host === undefined ? '' : String(host);
  return { host: name === '' || name === '?' ? asked.host : name, port: Number(port) };
}

function list(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}
