import { HoldfastError } from '../../kernel/errors.ts';
import type { Address } from './address.ts';
import type { Connection, Reply } from './connection.ts';
import { nameOf, readTopology, slotCount, slotsOnTheirWay, type Topology } from './topology.ts';

/** How often slots may be found moved again before it is given up. */
const mostRounds = 8;

/** What reading a slot needs. */
export interface SlotReading {
  /** Asked for the topology. */
  readonly first: Connection;
  /** A connection to a primary; the same one when asked again. */
  node(where: Pick<Address, 'host' | 'port'>): Connection;
  /** Reads keys at a node; returns those that it does not have any more. `asking`: the slot is only on its way there. */
  read(connection: Connection, keys: readonly Buffer[], asking: boolean): Promise<readonly Buffer[]>;
}

/**
 * Reads slots again that moved while shards were scanned: those of `suspects`, those whose owner is not the one of `before`,
 * and those on their way. A slot is listed first where it comes from and then where it goes to, so that a key
 * between the two is met at least once. Throws item.changed when slots keep moving.
 */
export async function readMovedSlots(
  reading: SlotReading,
  before: Topology,
  suspects: ReadonlySet<number>,
): Promise<void> {
  let known = before;
  let wanted = new Set(suspects);
  for (let round = 0; round < mostRounds; round++) {
    const now = await readTopology(reading.first);
    for (let slot = 0; slot < slotCount; slot++) {
      const [was, is] = [known.ownerOf(slot), now.ownerOf(slot)];
      if (is !== undefined && (was === undefined || nameOf(was.primary) !== nameOf(is.primary))) wanted.add(slot);
    }
    // A slot that is moving may have given keys to a node that had been scanned by then.
    const moving = new Map<number, Pick<Address, 'host' | 'port'>>();
    for (const { primary } of now.shards)
      for (const [slot, to] of await slotsOnTheirWay(reading.node(primary))) moving.set(slot, to);
    if (round === 0) for (const slot of moving.keys()) wanted.add(slot);
    if (wanted.size === 0) return;
    const again = new Set<number>();
    for (const slot of wanted) if (!(await readSlot(reading, now, slot, moving.get(slot)))) again.add(slot);
    known = now;
    wanted = again;
  }
  throw new HoldfastError(
    'item.changed',
    `slots of the cluster kept moving while they were read (${wanted.size} of them)`,
    {
      hint: 'Run the command again when the cluster is not being resharded.',
    },
  );
}

/** False when the slot moved meanwhile. */
async function readSlot(
  reading: SlotReading,
  topology: Topology,
  slot: number,
  movingTo: Pick<Address, 'host' | 'port'> | undefined,
): Promise<boolean> {
  const owner = topology.ownerOf(slot);
  if (owner === undefined) return false;
  const from = reading.node(owner.primary);
  const left = await reading.read(from, await keysInSlot(from, slot), false);
  if (movingTo === undefined) return left.length === 0;
  const to = reading.node(movingTo);
  const lost = await reading.read(to, [...left, ...(await keysInSlot(to, slot))], true);
  return lost.length === 0;
}

async function keysInSlot(connection: Connection, slot: number): Promise<readonly Buffer[]> {
  const count = await connection.ask(
    'count the keys of a slot (CLUSTER COUNTKEYSINSLOT)',
    'CLUSTER',
    'COUNTKEYSINSLOT',
    slot,
  );
  if (count === 0) return [];
  // There is no cursor. A few more than were counted: some may have come since.
  const limit = Number(count) + 1000;
  const keys = await connection.ask(
    'list the keys of a slot (CLUSTER GETKEYSINSLOT)',
    'CLUSTER',
    'GETKEYSINSLOT',
    slot,
    limit,
  );
  return Array.isArray(keys) ? (keys as readonly Reply[]).filter((key): key is Buffer => Buffer.isBuffer(key)) : [];
}
