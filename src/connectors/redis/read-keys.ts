import { isCode, type HoldfastError } from '../../kernel/errors.ts';
import { batchEnd, type Sizes } from './batches.ts';
import type { Connection } from './connection.ts';
import { dumpKeys, type DumpedKey, type DumpResult, type DumpSettings } from './dump.ts';
import { roundTrips, type Pace } from './pace.ts';

/** A server that is read within its measure. */
export interface PacedReader {
  readonly connection: Connection;
  readonly sizes: Sizes;
  readonly pace: Pace;
  readonly dump: DumpSettings;
}

/** What becomes of keys that are read. */
export interface KeyReader extends PacedReader {
  found(key: DumpedKey): Promise<void>;
  failed(key: Buffer, error: HoldfastError): void;
  /** Another node of the cluster has it. */
  moved(key: Buffer): void;
}

/** Batches between two looks at the latency. */
const batchesPerLook = 64;
const tripsPerLook = 8;

/** Reads these keys in batches as large as the pace allows. */
export async function readKeys(reader: KeyReader, keys: readonly Buffer[], state: { batches: number }): Promise<void> {
  for await (const { found, moved, failed } of pacedBatches(reader, keys, state)) {
    for (const { key, error } of failed) {
      // Without the permission for a command every key would fail alike.
      if (isCode(error, 'item.unavailable')) throw error;
      reader.failed(key, error);
    }
    for (const key of moved) reader.moved(key);
    for (const key of found) await reader.found(key);
  }
}

/** Batch by batch, as large as the pace allows: memory holds one. */
export async function* pacedBatches(
  reader: PacedReader,
  keys: readonly Buffer[],
  state: { batches: number },
): AsyncGenerator<DumpResult> {
  const { connection, pace } = reader;
  const sizes = await reader.sizes.of(keys, () => pace.keys);
  for (let from = 0; from < keys.length;) {
    const to = batchEnd(sizes, from, pace.keys);
    const batch = keys.slice(from, to);
    from = to;
    const result = await dumpKeys(connection, batch, reader.dump);
    yield result;
    if (++state.batches % batchesPerLook === 0) pace.felt(await roundTrips(connection, tripsPerLook));
    await pace.done(batch.length, result.heldFor);
  }
}
