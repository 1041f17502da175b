import type { AccountConfig, EstateConfig, SourceConfig } from '../../src/config/contract.ts';
import type { AwsAccess } from '../../src/connectors/aws/contract.ts';
import type { Connector } from '../../src/connectors/contract.ts';
import type { Estate } from '../../src/estate/contract.ts';
import type { ConnectorLookup } from '../../src/estate/sources.ts';
import { HoldfastError } from '../../src/kernel/errors.ts';
import type { HoldfastEvent } from '../../src/kernel/events.ts';
import { systemRuntime, type Runtime } from '../../src/kernel/runtime.ts';
import type { Repository, RepositorySettings } from '../../src/repository/contract.ts';
import { createRepository, openRepository } from '../../src/repository/index.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';

const passphrase = 'correct horse';

/** An estate over connectors of the test, with a repository in memory and a record of its events. */
export interface TestEstate {
  readonly estate: Estate;
  readonly repository: Repository;
  readonly store: ObjectStore;
  readonly events: HoldfastEvent[];
  readonly lookup: ConnectorLookup;
  readonly abort: AbortController;
  /** The same repository opened once more, as another run of the command would. */
  reopen(): Promise<Repository>;
  /** The same estate, not interrupted, with another configuration where one is given. */
  again(changed?: Partial<EstateConfig>): Estate;
}

export interface TestSettings {
  readonly runtime?: Runtime;
  readonly wrap?: (store: ObjectStore) => ObjectStore;
  readonly repository?: Partial<RepositorySettings>;
}

export function source(type: string, more: Partial<SourceConfig> = {}): SourceConfig {
  return { type, name: type, include: [], exclude: [], options: {}, at: '1:1', ...more };
}

export async function createTestEstate(
  connectors: readonly Connector<never>[] | readonly unknown[],
  config: Partial<EstateConfig> = {},
  settings: TestSettings = {},
): Promise<TestEstate> {
  const { runtime = systemRuntime, wrap = (whole) => whole, repository: chosen = {} } = settings;
  const known = connectors as readonly Connector[];
  const events: HoldfastEvent[] = [];
  const abort = new AbortController();
  const store = wrap(createMemoryStore({ runtime }));
  const access = { store, passphrase, runtime, settings: { workers: 0, ...chosen } };
  const repository = await createRepository({ ...access, scrypt: { n: 1024, r: 8, p: 1 } });
  const base: EstateConfig = {
    version: 1,
    estate: 'acme',
    repository: 'memory',
    writing: {},
    plans: {},
    file: '/nowhere/holdfast.yaml',
    folder: '/nowhere',
    accounts: [{ name: 'prod', id: '123456789012', regions: ['us-east-1'] }],
    sites: {},
    sources: known.map((connector) => source(connector.type)),
    ...config,
  };
  const estateOf = (of: EstateConfig, signal: AbortSignal): Estate => ({
    config: of,
    runtime,
    events: (event) => events.push(event),
    signal,
    host: 'test',
    aws: async (name) => {
      const account = of.accounts.find((one) => one.name === name);
      if (!account) throw new HoldfastError('internal.bug', `no account ${name}`);
      return await Promise.resolve(accessTo(account, account.regions[0] ?? ''));
    },
  });
  return {
    estate: estateOf(base, abort.signal),
    repository,
    store,
    events,
    abort,
    lookup: async (type) => await Promise.resolve(known.find((connector) => connector.type === type)),
    reopen: async () => await openRepository(access),
    again: (changed = {}) => estateOf({ ...base, ...changed }, new AbortController().signal),
  };
}

function accessTo(account: AccountConfig, region: string): AwsAccess {
  return {
    account: account.id ?? account.name,
    region,
    inRegion: (other) => accessTo(account, other),
    client: () => {
      throw new HoldfastError('internal.bug', 'there is no AWS in this test');
    },
  };
}
