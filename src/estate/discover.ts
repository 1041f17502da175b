import { connectorTypes, loadConnector } from '../connectors/registry.ts';
import { asHoldfastError, toRecord, type ErrorRecord, type HoldfastError } from '../kernel/errors.ts';
import type { DiscoveredSource, DiscoveryReport, Estate, Selection } from './contract.ts';
import { discoverTargets } from './discovery.ts';
import { reportedRun } from './run-events.ts';
import { compileSelection, selectedSources } from './selection.ts';
import { listTargets, type ConnectorLookup, type FoundResource } from './sources.ts';

/** The registered connectors, or a test's own. */
export interface Connectors {
  readonly types: readonly string[];
  readonly lookup: ConnectorLookup;
}

const registered: Connectors = { types: connectorTypes, lookup: loadConnector };

/**
 * What is there, what a snapshot of the selection would capture, and what no source covers. A denied listing is an error of
 * its source. Throws usage.invalid, config.invalid, aws.credentials-*.
 */
export async function discoverEstate(
  estate: Estate,
  selection: Selection,
  connectors: Connectors = registered,
): Promise<DiscoveryReport> {
  return await reportedRun(
    estate,
    'discover',
    async () => ({
      schema: 1 as const,
      estate: estate.config.estate,
      sources: await discoverSources(estate, selection, connectors),
      unprotected: await discoverUnprotected(estate, connectors),
    }),
    (report) => (report.sources.some((source) => source.errors.length > 0) ? 'partial' : 'ok'),
  );
}

async function discoverSources(
  estate: Estate,
  selection: Selection,
  { lookup }: Connectors,
): Promise<DiscoveredSource[]> {
  const sources = selectedSources(estate.config, selection);
  const targets = await listTargets(estate, sources, lookup);
  const found = new Map<string, FoundResource[]>(sources.map(({ name }) => [name, []]));
  const errors = new Map<string, ErrorRecord[]>(sources.map(({ name }) => [name, []]));
  for (const { name } of sources) estate.events({ type: 'source.started', source: name });
  const told = new Map<string, number>();
  await discoverTargets(estate, targets, compileSelection(selection), estate.signal, {
    found: (resource) => found.get(resource.target.source.name)?.push(resource),
    failed(target, error) {
      const { name } = target.source;
      errors.get(name)?.push(toRecord(error));
      estate.events({ type: 'item.failed', source: name, resource: error.resource ?? name, error: toRecord(error) });
    },
    done({ source }) {
      const done = (told.get(source.name) ?? 0) + 1;
      told.set(source.name, done);
      estate.events({ type: 'source.found', source: source.name, resources: found.get(source.name)?.length ?? 0 });
      if (done < targets.filter((target) => target.source.name === source.name).length) return;
      const outcome = (errors.get(source.name)?.length ?? 0) > 0 ? 'failed' : 'ok';
      estate.events({ type: 'source.finished', source: source.name, outcome });
    },
  });
  return sources.map(({ name, type }) => ({
    source: name,
    type,
    resources: (found.get(name) ?? []).map(describe).sort((a, b) => (a.key < b.key ? -1 : 1)),
    errors: errors.get(name) ?? [],
  }));
}

function describe({ key, ref, site, environment, discovered }: FoundResource): DiscoveredSource['resources'][number] {
  return {
    key,
    region: ref.region,
    ...(site === undefined ? {} : { site }),
    ...(environment === undefined ? {} : { environment }),
    tags: discovered.tags,
  };
}

/** Types that no source covers, with what each would find by its defaults. Folders are nobody's to find. */
async function discoverUnprotected(
  estate: Estate,
  { types, lookup }: Connectors,
): Promise<DiscoveryReport['unprotected']> {
  const covered = new Set(estate.config.sources.map(({ type }) => type));
  const found = await Promise.all(
    types.filter((type) => !covered.has(type)).map(async (type) => await countOf(estate, type, lookup)),
  );
  return found.filter((one) => one !== undefined);
}

async function countOf(
  estate: Estate,
  type: string,
  lookup: ConnectorLookup,
): Promise<DiscoveryReport['unprotected'][number] | undefined> {
  const connector = await lookup(type);
  if (!connector || connector.scope === 'local' || !connector.options.safeParse({}).success) return undefined;
  const source = { type, name: type, include: [], exclude: [], options: {}, at: '1:1' };
  let resources = 0;
  const errors: HoldfastError[] = [];
  try {
    const targets = await listTargets(estate, [source], lookup);
    await discoverTargets(estate, targets, compileSelection({ selectors: [] }), estate.signal, {
      found: () => resources++,
      failed: (_, error) => errors.push(error),
      done: () => undefined,
    });
  } catch (error) {
    if (estate.signal.aborted) throw error;
    errors.push(asHoldfastError(error));
  }
  const [error] = errors;
  return error ? { type, error: toRecord(error) } : { type, resources };
}
