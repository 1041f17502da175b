import type { AccountConfig, SourceConfig } from '../config/contract.ts';
import type { Connector, LiveRestore, PlannedAction, RestoreContext } from '../connectors/contract.ts';
import { loadConnector } from '../connectors/registry.ts';
import { rewriteJson } from '../connectors/rewrite.ts';
import { resourceKey, type CapturedResource, type ResourceRef } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { Estate } from './contract.ts';
import type { RestoreRequest } from './restore-contract.ts';
import type { Identities } from './identities.ts';
import { bareName } from './names.ts';
import { narrowed, type EntryScope } from './restore-scope.ts';
import { openContext, openSource, type ConnectorLookup, type SourceTarget } from './sources.ts';

/** One captured resource, ready to be planned and applied at its target. */
export interface LiveResource {
  readonly record: ResourceRecord;
  /** `type/name` in the estate. */
  readonly key: string;
  readonly connector: Connector;
  readonly live: LiveRestore;
  readonly context: RestoreContext;
  /** Under the name it has at the provider. */
  readonly captured: CapturedResource;
}

/** Why a resource does not return live. */
export interface NotLive {
  readonly reason: string;
}

export interface LiveSettings {
  readonly request: RestoreRequest;
  readonly live: { readonly region?: string; readonly account?: string; readonly at?: string };
  readonly only?: EntryScope | undefined;
  readonly tenant?: RestoreContext['tenant'];
  /** Old identity → new, filled before resources are planned and while actions are applied. */
  readonly identities: Identities;
  /** The name a resource of this type gets at the target. */
  readonly rename: (type: string, name: string) => string;
  readonly signal: AbortSignal;
  readonly lookup?: ConnectorLookup | undefined;
}

/** Opens a resource for live restore: its connector, its options, and access to the account and region it goes to. */
export async function openLive(
  estate: Estate,
  reader: SnapshotReader,
  record: ResourceRecord,
  settings: LiveSettings,
): Promise<LiveResource | NotLive> {
  const { ref } = record;
  const key = resourceKey(ref);
  const connector = await (settings.lookup ?? loadConnector)(ref.type);
  if (!connector) return { reason: `this version has no connector ${ref.type}; restore it to a directory` };
  if (!connector.live) return { reason: `${connector.title} restore to a directory only` };
  const { at } = settings.live;
  if (at !== undefined && connector.live.toMoment?.(ref) !== true)
    return { reason: '--at is for what the provider can take back to any moment, which this is not' };
  // A moment is asked of the provider, and needs no recovery point.
  const directoryOnly = at === undefined ? connector.live.directoryOnly?.(ref, record.points) : undefined;
  if (directoryOnly !== undefined) return { reason: directoryOnly };
  const into = connector.oneResource ? settings.rename(ref.type, record.source) : record.source;
  const options = await optionsFor(estate, { ...record, source: into }, connector, settings.lookup);
  if (!options) {
    const named = into === record.source ? '' : ` and the name ${into}, which --rename gives it`;
    return { reason: `no source of the configuration has the type ${ref.type}${named}` };
  }
  const target = await targetFor(estate, ref, connector, options, settings);
  if ('reason' in target) return target;
  const captured = await reader.resource(key);
  if (!captured)
    throw new HoldfastError('repository.corrupt', `the snapshot lists ${key} but does not hold it`, { resource: key });
  const base = await openContext(estate, target, settings.signal);
  return {
    record,
    key,
    connector,
    live: connector.live,
    captured: atTarget(estate, captured, connector, settings),
    context: {
      ...restoreContext(base, ref.type, settings),
      ...(estate.undo && settings.request.tenant !== undefined ? { undo: estate.undo(ref) } : {}),
    },
  };
}

/** Says where a resource goes, so that what refers to it can follow. Only of those that are restored: what stays is not to be followed. */
export function foretellIdentity(
  { record, captured, context, connector }: LiveResource,
  { live, identities }: LiveSettings,
): void {
  if (connector.scope === 'local') return;
  const { ref } = record;
  const { name } = captured.ref;
  // Where a type has several kinds, the provider's name comes after the kind.
  const from = [name, name.slice(name.indexOf('/') + 1)].find((one) => context.rename(one) !== one);
  const renamed = from === undefined ? {} : { renamed: { from, to: context.rename(from) } };
  identities.foretell(ref, { account: context.aws.account, region: live.region ?? ref.region, ...renamed });
}

function restoreContext(
  base: Omit<
    RestoreContext,
    'mode' | 'rename' | 'identity' | 'rewrite' | 'askedRegion' | 'only' | 'tenant' | 'undo' | 'at'
  >,
  type: string,
  settings: LiveSettings,
): RestoreContext {
  const { request, only, tenant, identities, live } = settings;
  return {
    ...base,
    // Beside one single entry nothing is new: `exact` would take every key that begins with its name for new.
    mode: only?.exact === true && request.mode === 'exact' ? 'revert-changed' : request.mode,
    rename: (name) => settings.rename(type, name),
    identity: (old) => identities.get(old) ?? old,
    learn: (old, now) => identities.set(old, now),
    rewrite: (document) => rewriteJson(document, identities),
    ...(live.region === undefined ? {} : { askedRegion: live.region }),
    ...(only ? { only: { collection: only.collection, prefix: only.key } } : {}),
    ...(tenant ? { tenant } : {}),
    ...(live.at === undefined ? {} : { at: Date.parse(live.at) }),
  };
}

/** The options under which it was captured, as the configuration has them now; the defaults where there is no such source. */
async function optionsFor(
  estate: Estate,
  record: ResourceRecord,
  connector: Connector,
  lookup: ConnectorLookup | undefined,
): Promise<{ readonly source: SourceConfig; readonly options: unknown } | undefined> {
  const { type } = record.ref;
  const ofType = estate.config.sources.filter((source) => source.type === type);
  const source =
    ofType.find(({ name }) => name === record.source) ?? (connector.scope === 'local' ? undefined : ofType[0]);
  if (source) return await openSource(estate, source, lookup);
  const defaults = connector.options.safeParse({});
  const made = { type, name: record.source, include: [], exclude: [], options: {}, at: '1:1' };
  return defaults.success ? { source: made, options: defaults.data } : undefined;
}

async function targetFor(
  estate: Estate,
  ref: ResourceRef,
  connector: Connector,
  { source, options }: { readonly source: SourceConfig; readonly options: unknown },
  { live }: LiveSettings,
): Promise<SourceTarget | NotLive> {
  const base = { source, connector, options };
  if (connector.scope === 'local') return base;
  const account = await accountFor(estate, live.account, ref);
  if (!account) {
    if (live.account !== undefined)
      throw new HoldfastError('usage.invalid', `the configuration has no account ${live.account}`);
    return { reason: `its account ${ref.account} is not in the configuration; name another with --account` };
  }
  const own = connector.scope === 'regional' ? ref.region : undefined;
  const region = live.region ?? own;
  return { ...base, account, ...(region === undefined ? {} : { region }) };
}

/** The account of the configuration that a resource is in, or the one that was named; undefined: it has none. */
export async function accountFor(
  estate: Estate,
  wanted: string | undefined,
  ref: ResourceRef,
): Promise<AccountConfig | undefined> {
  const { accounts } = estate.config;
  if (wanted !== undefined) return accounts.find(({ name, id }) => name === wanted || id === wanted);
  const known = accounts.find(({ id }) => id === ref.account);
  if (known) return known;
  for (const account of accounts) {
    if (account.id === undefined && (await estate.aws(account.name)).account === ref.account) return account;
  }
  return undefined;
}

/**
 * The captured resource under its bare name, narrowed to one entry where one was named. What is listed once per account but
 * lies in a region (buckets) is told the region asked for, since its connector has no other way to know.
 */
function atTarget(
  estate: Estate,
  captured: CapturedResource,
  connector: Connector,
  settings: LiveSettings,
): CapturedResource {
  const { only, live } = settings;
  const moved = connector.scope === 'global' && captured.ref.region !== 'global' ? live.region : undefined;
  const ref = {
    ...captured.ref,
    name: bareName(captured.ref, estate.config),
    ...(moved === undefined ? {} : { region: moved }),
  };
  const bare = { ...captured, ref };
  return only?.exact === true ? narrowed(bare, only) : bare;
}

/** An action under the name its resource has in the estate: two regions may have actions of the same id. */
export function inEstate(action: PlannedAction, resource: LiveResource): PlannedAction {
  const bare = resourceKey(resource.captured.ref);
  const { key, record } = resource;
  if (bare === key) return { ...action, resource: record.ref };
  const qualified = (id: string): string => (id.startsWith(`${bare}/`) ? key + id.slice(bare.length) : `${key}/${id}`);
  return { ...action, id: qualified(action.id), resource: record.ref, dependsOn: action.dependsOn.map(qualified) };
}
