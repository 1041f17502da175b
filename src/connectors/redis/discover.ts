import type { ResourceRef } from '../../kernel/entry.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { parseAddress, showAddress } from './address.ts';
import type { RedisOptions } from './options.ts';
import { openServers } from './servers.ts';

/** Ends the id of a resource that was captured as an RDB file. */
const rdbSuffix = '/dump.rdb';

/** One source is one resource. Throws when the server cannot be reached: one that is away must not look empty. */
export async function* discover(context: ConnectorContext<RedisOptions>): AsyncGenerator<DiscoveredResource> {
  const { options } = context;
  const servers = await openServers(context);
  servers.close();
  const { keys, isCluster } = servers.info;
  const wanted = [...keys].filter(([database]) => options.databases?.includes(database) ?? true);
  const entries = wanted.reduce((sum, [, count]) => sum + count, 0);
  // A node of a cluster counts its own keys only.
  const isKnown = options.mode === 'keys' && !isCluster && options.include.length + options.exclude.length === 0;
  yield { ref: refOf(options), tags: {}, ...(isKnown ? { expected: { entries } } : {}) };
}

function refOf(options: RedisOptions): ResourceRef {
  const address = showAddress(parseAddress(options.url));
  const id = options.mode === 'rdb' ? `${address}${rdbSuffix}` : address;
  return { type: 'redis', name: options.name, id, region: 'global', account: 'redis' };
}

export function isRdbFile({ id }: ResourceRef): boolean {
  return id.endsWith(rdbSuffix);
}
