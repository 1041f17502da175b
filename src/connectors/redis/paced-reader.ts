import type { ConnectorContext } from '../contract.ts';
import { createSizes } from './batches.ts';
import type { Connection } from './connection.ts';
import type { DumpSettings } from './dump.ts';
import type { RedisOptions } from './options.ts';
import { createPace, percentile, roundTrips } from './pace.ts';
import type { PacedReader } from './read-keys.ts';
import { isAtLeast, readServerInfo, type ServerInfo } from './server-info.ts';

const tripsBefore = 100;

/** Looks at the server before it is asked for anything: how large it is, and how fast it answers. Throws item errors. */
export async function createReader(
  context: ConnectorContext<RedisOptions>,
  connection: Connection,
  known?: ServerInfo,
): Promise<PacedReader> {
  const { options, runtime, signal } = context;
  const info = known ?? (await readServerInfo(connection));
  const latency = percentile(await roundTrips(connection, tripsBefore), 0.99);
  const resource = `redis/${options.name}`;
  const dump: DumpSettings = { exactExpiry: isAtLeast(info, 7), apart: info.isCluster, resource };
  return {
    connection,
    sizes: createSizes(connection, info.datasetBytes),
    pace: createPace(options, { clock: runtime.clock, signal, latency }),
    dump,
  };
}
