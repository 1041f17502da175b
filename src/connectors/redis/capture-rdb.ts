import type { CaptureSink } from '../../kernel/capture.ts';
import type { ConnectorContext } from '../contract.ts';
import type { RedisOptions } from './options.ts';
import { parseAddress } from './address.ts';
import { checkRdb } from './rdb-check.ts';
import { receiveRdb } from './replication.ts';
import { isAtLeast } from './server-info.ts';
import { readingNode, type Servers } from './servers.ts';

/**
 * The whole instance as a replica receives it, of a cluster one file for each shard. Streamed into the sink, which fails the
 * entry when the stream breaks off or does not match its checksum.
 */
export async function captureRdb(
  context: ConnectorContext<RedisOptions>,
  { topology, info, resource }: Servers,
  sink: CaptureSink,
): Promise<void> {
  const { options, signal } = context;
  const address = parseAddress(options.url);
  const add = async (key: string, where: { readonly host: string; readonly port: number }): Promise<void> => {
    const settings = {
      address: { ...address, ...where },
      ca: options.ca,
      resource,
      signal,
      rdbOnly: isAtLeast(info, 7),
    };
    const load = async () => await Promise.resolve({ content: checkRdb(receiveRdb(settings), resource) });
    await sink.root.add({ key, kind: 'blob', load });
  };
  if (!topology) return await add('dump.rdb', address);
  for (const shard of topology.shards) {
    const ranges = shard.slots.map(([first, last]) => `${first}-${last}`).join('+');
    await add(`dump-${ranges}.rdb`, readingNode(shard, options).where);
  }
}
