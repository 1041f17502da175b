import type { ServerConnection } from '../../connectors/postgres-cluster/connection.ts';
import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import { slotState, type SlotState } from '../../connectors/postgres-cluster/slot.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';

export interface WatchSettings {
  readonly slot: string;
  readonly resource: string;
  /** Bytes of WAL that the server may keep for the slot; undefined: any number. */
  readonly maxRetained: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly everyMs: number;
}

/** Thrown out of a session whose slot must be dropped. */
export function isTooMuch(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.cause === tooMuch;
}

const tooMuch = Symbol('too much WAL is kept');

/** Looks at the slot now and then. Rejects when the server has dropped WAL of it, or keeps too much; ends with the signal. */
export async function watchSlot(control: ServerConnection, settings: WatchSettings): Promise<void> {
  const { slot, resource, maxRetained, clock, signal, everyMs } = settings;
  for (;;) {
    try {
      await clock.sleep(everyMs, signal);
    } catch {
      return;
    }
    const state = await slotState(control, slot, resource);
    if (!state) throw lost(slot, resource, 'is gone');
    checkSlot(state, slot, resource);
    if (maxRetained === undefined || state.retained <= maxRetained) continue;
    const message = `the server keeps ${state.retained} bytes of WAL for the slot ${slot}, from ${formatLsn(state.restart ?? 0n)} on: more than allowed`;
    throw new HoldfastError('wal.slot-lost', message, { resource, cause: tooMuch });
  }
}

/** Throws wal.slot-lost where the server has removed WAL that the slot needed. */
export function checkSlot({ walStatus, restart }: SlotState, slot: string, resource: string): void {
  if (walStatus === 'lost' && restart === undefined)
    throw lost(slot, resource, 'has lost WAL (max_slot_wal_keep_size)');
  if (walStatus === 'lost') throw lost(slot, resource, `has lost WAL from ${formatLsn(restart ?? 0n)} on`);
}

function lost(slot: string, resource: string, how: string): HoldfastError {
  return new HoldfastError('wal.slot-lost', `the slot ${slot} ${how}`, {
    resource,
    hint: 'Run holdfast wal receive with --new-slot, then holdfast snapshot: a new base backup is needed.',
  });
}
