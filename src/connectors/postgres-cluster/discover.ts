import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { connect } from './connection.ts';
import type { ClusterOptions } from './options.ts';
import { identifySystem } from './server-facts.ts';

/** One source is one resource. Throws when the server cannot be reached: a broken connection must not look like an empty estate. */
export async function* discover({ options }: ConnectorContext<ClusterOptions>): AsyncGenerator<DiscoveredResource> {
  const server = await connect(options, 'replication');
  try {
    const { systemId } = await identifySystem(server, `postgres-cluster/${options.name}`);
    yield {
      ref: { type: 'postgres-cluster', name: options.name, id: systemId, region: 'local', account: 'local' },
      tags: {},
    };
  } finally {
    await server.close();
  }
}
