import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { cleanPath, openFolder } from './folder.ts';
import type { LocalOptions } from './options.ts';

/** One source is one resource. Throws when its path is not there: a folder that vanished must not look like an empty estate. */
export async function* discover({ options }: ConnectorContext<LocalOptions>): AsyncGenerator<DiscoveredResource> {
  openFolder(options);
  yield {
    ref: { type: 'local', name: options.name, id: cleanPath(options.path), region: 'local', account: 'local' },
    tags: {},
  };
}
