import type { EstateConfig, SourceConfig } from '../config/contract.ts';
import type { FoundEstate } from '../config/write.ts';
import { connectorTypes, loadConnector } from '../connectors/registry.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { createEstate } from './aws.ts';
import { discoverEstate } from './discover.ts';

export interface FindSettings {
  readonly estate: string;
  readonly repository: string;
  /** The first is the home region. */
  readonly regions: readonly string[];
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  readonly runtime: Runtime;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  readonly concurrency: number;
  readonly host: string;
}

/**
 * What the credentials at hand can see, of every registered type; for init. A type whose listing fails is in the result with
 * the reason. Throws aws.credentials-missing and aws.credentials-expired.
 */
export async function findEstate(settings: FindSettings): Promise<FoundEstate> {
  const { estate: name, repository, regions, folders, ...rest } = settings;
  const known = await Promise.all(connectorTypes.map(async (type) => await loadConnector(type)));
  const connectors = known.filter(
    (one) => one !== undefined && one.scope !== 'local' && one.options.safeParse({}).success,
  );
  const config: EstateConfig = {
    version: 1,
    estate: name,
    repository,
    writing: {},
    plans: {},
    file: '',
    folder: '',
    accounts: [{ name: 'default', regions }],
    sites: {},
    sources: connectors.flatMap((connector): SourceConfig[] =>
      connector
        ? [{ type: connector.type, name: connector.type, include: [], exclude: [], options: {}, at: '1:1' }]
        : [],
    ),
  };
  const estate = createEstate({ ...rest, config });
  try {
    const { account } = await estate.aws('default');
    const { sources } = await discoverEstate(estate, { selectors: [] }, { types: [], lookup: loadConnector });
    return {
      estate: name,
      repository,
      accounts: [{ name: 'default', id: account, regions }],
      sources: sources.map(({ type, resources, errors }) => ({
        type,
        title: connectors.find((connector) => connector?.type === type)?.title ?? type,
        resources: resources.map(({ key }) => key.slice(type.length + 1)),
        ...(errors[0] ? { error: errors[0].message } : {}),
      })),
      folders,
    };
  } finally {
    estate.close();
  }
}
