import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { connect, disconnect } from './connection.ts';
import { placeOf, type PostgresOptions } from './options.ts';

export const type = 'postgres';

/** One source is one database. Throws when it cannot be reached: a server that is down must not look like an empty estate. */
export async function* discover({ options }: ConnectorContext<PostgresOptions>): AsyncGenerator<DiscoveredResource> {
  await disconnect(await connect(options.url));
  yield {
    ref: { type, name: options.name, id: placeOf(options.url), region: 'local', account: 'local' },
    tags: {},
  };
}
