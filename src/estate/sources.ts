import type { AccountConfig, SourceConfig } from '../config/contract.ts';
import { matchesAny } from '../config/glob.ts';
import type { AwsAccess } from '../connectors/aws/contract.ts';
import type { Connector, ConnectorContext, DiscoveredResource } from '../connectors/contract.ts';
import { connectorTypes, loadConnector } from '../connectors/registry.ts';
import { resourceKey, type ResourceRef } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { Estate } from './contract.ts';
import { placeOf as placeInFile, qualifiedName } from './names.ts';
import { mayBegin, type CompiledSelection } from './selection.ts';
import { placeOf, type Place } from './sites.ts';
import { sourceShare } from './tenants/source-share.ts';

/** A source together with the account and region in which it is listed: what one call of `discover` covers. */
export interface SourceTarget {
  readonly source: SourceConfig;
  readonly connector: Connector;
  readonly options: unknown;
  /** Absent for local sources. */
  readonly account?: AccountConfig;
  /** Only of regional connectors. */
  readonly region?: string;
}

/** A resource that discovery found and the configuration selects. */
export interface FoundResource extends Place {
  readonly target: SourceTarget;
  /** As the connector named it. */
  readonly discovered: DiscoveredResource;
  /** With the name it has in the estate: `worker@eu-west-1`. */
  readonly ref: ResourceRef;
  /** `type/name` of `ref`. */
  readonly key: string;
}

/** Finds connectors by their type; tests pass their own. */
export type ConnectorLookup = (type: string) => Promise<Connector | undefined>;

/** Sources × accounts × regions. Throws config.invalid for an unknown type or options that its connector refuses. */
export async function listTargets(
  estate: Estate,
  sources: readonly SourceConfig[],
  lookup: ConnectorLookup = loadConnector,
): Promise<SourceTarget[]> {
  const perSource = await Promise.all(
    sources.map(async (source) => {
      const base = await openSource(estate, source, lookup);
      if (base.connector.scope === 'local') return [base];
      return estate.config.accounts.flatMap((account): SourceTarget[] =>
        base.connector.scope === 'global'
          ? [{ ...base, account }]
          : account.regions.map((region) => ({ ...base, account, region })),
      );
    }),
  );
  return perSource.flat();
}

/** A source's connector and checked options. Throws config.invalid. */
export async function openSource(
  estate: Estate,
  source: SourceConfig,
  lookup: ConnectorLookup = loadConnector,
): Promise<{ readonly source: SourceConfig; readonly connector: Connector; readonly options: unknown }> {
  const connector = await lookup(source.type);
  const place = placeInFile(estate.config, source);
  if (!connector) {
    throw new HoldfastError(
      'config.invalid',
      `${place} unknown source type ${source.type}; known are ${connectorTypes.join(', ')}`,
    );
  }
  const options = connector.options.safeParse(source.options);
  if (options.success) return { source, connector, options: options.data };
  const lines = options.error.issues.map(
    (issue) => `${place} ${[source.name, ...issue.path].join('.')}: ${issue.message}`,
  );
  throw new HoldfastError('config.invalid', lines.join('\n'));
}

/** What a connector is called with. Throws what opening the account throws. */
export async function openContext(
  estate: Estate,
  target: SourceTarget,
  signal: AbortSignal,
): Promise<ConnectorContext> {
  const { runtime, events } = estate;
  const tenants = sourceShare(estate.config, target.source, target.connector);
  const aws = await openAccess(estate, target);
  return { options: target.options, aws, runtime, events, signal, ...(tenants === undefined ? {} : { tenants }) };
}

async function openAccess(estate: Estate, { account, region }: SourceTarget): Promise<AwsAccess> {
  if (!account) return noAws;
  const home = await estate.aws(account.name);
  return region === undefined || region === home.region ? home : home.inRegion(region);
}

function refuse(): never {
  throw new HoldfastError('internal.bug', 'a local connector asked for AWS');
}

/** What local connectors have instead of AWS. */
const noAws: AwsAccess = { account: 'local', region: 'local', inRegion: refuse, client: refuse };

/** Whether a source's patterns let a resource through, by any of its names (bare, and as it has it in the estate). */
export function takes(
  { include, exclude }: Pick<SourceConfig, 'include' | 'exclude'>,
  names: readonly string[],
): boolean {
  const matches = (patterns: readonly string[]): boolean => names.some((name) => matchesAny(patterns, name));
  return (include.length === 0 || matches(include)) && !matches(exclude);
}

/** Told what could not be listed: names of the target that begin with `prefix` may be missing. */
export type RefusedPart = (error: HoldfastError, prefix: string) => void;

/** Lists one target; yields what the source's patterns and the selection let through, under its name in the estate. */
export async function* discoverTarget(
  estate: Estate,
  target: SourceTarget,
  selection: CompiledSelection,
  context: ConnectorContext,
  refused: RefusedPart,
): AsyncGenerator<FoundResource> {
  const { source } = target;
  for await (const discovered of target.connector.discover(context)) {
    const bare = discovered.ref.name;
    if (discovered.refused) {
      const wanted = source.include.length === 0 || source.include.some((pattern) => mayBegin(pattern, bare));
      const part = { source: source.name, type: source.type, prefix: bare };
      if (wanted && !matchesAny(source.exclude, bare) && selection.mayHave(part)) refused(discovered.refused, bare);
      continue;
    }
    const name = qualifiedName(bare, estate.config, target.account, target.region);
    const names = [bare, name];
    if (!takes(source, names)) continue;
    const place = placeOf(estate.config, bare, discovered.tags);
    if (!selection.has({ source: source.name, type: source.type, names, site: place.site })) continue;
    const ref = { ...discovered.ref, name };
    yield { ...place, target, discovered, ref, key: resourceKey(ref) };
  }
}
