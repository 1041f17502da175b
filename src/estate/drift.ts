import { createLimiter } from '../kernel/concurrency.ts';
import { resourceKey } from '../kernel/entry.ts';
import { HoldfastError, toRecord } from '../kernel/errors.ts';
import type { Repository, ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import { compareResource } from './compare-resource.ts';
import type { DriftReport, Estate, ResourceDrift, Selection } from './contract.ts';
import { discoverTargets } from './discovery.ts';
import { reportedRun } from './run-events.ts';
import { compileSelection } from './selection.ts';
import { listTargets, type ConnectorLookup, type FoundResource } from './sources.ts';

/** Resources compared at the same time. */
const comparedAtOnce = 16;

/**
 * Compares a snapshot with the live estate: every selected resource is captured again, into a comparison and not into the
 * repository. What could not be read is a failure, not a difference. Values of secrets are left out.
 * Throws config.invalid, aws.credentials-*, run.interrupted.
 */
export async function findDrift(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  selection: Selection,
  lookup?: ConnectorLookup,
): Promise<DriftReport> {
  return await reportedRun(
    estate,
    'drift',
    async () => await drift(estate, repository, reader, selection, lookup),
    (report) => (report.failures.length === 0 ? 'ok' : 'partial'),
  );
}

async function drift(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  selection: Selection,
  lookup: ConnectorLookup | undefined,
): Promise<DriftReport> {
  const { config, events } = estate;
  const selected = compileSelection(selection);
  const captured = await selectedRecords(reader, selection);
  // Only sources that the snapshot covers: everything else would count as new.
  const covered = new Set(reader.sources.map(({ source }) => source));
  const sources = config.sources.filter((source) => covered.has(source.name) && selected.hasSource(source));
  const targets = await listTargets(estate, sources, lookup);
  const failures: HoldfastError[] = [];
  const found: FoundResource[] = [];
  const unlisted: { readonly source: string; readonly prefix: string }[] = [];
  for (const source of sources) events({ type: 'source.started', source: source.name });
  await discoverTargets(estate, targets, selected, estate.signal, {
    found: (resource) => found.push(resource),
    failed(target, error, prefix) {
      unlisted.push({ source: target.source.name, prefix });
      failures.push(error);
    },
    done: ({ source }) => {
      const resources = found.filter(({ target }) => target.source.name === source.name).length;
      events({ type: 'source.found', source: source.name, resources });
    },
  });
  const limiter = createLimiter(comparedAtOnce);
  const live = new Set(found.map(({ key }) => key));
  const results = await Promise.all(
    found.map(async (resource) => {
      const record = captured.get(resource.key);
      if (!record) return { drifted: whole(resource.key, 'extra'), compared: 0, failures: [] };
      return await limiter.run(async () => await compareResource(estate, repository, reader, resource));
    }),
  );
  for (const source of sources) {
    const outcome = unlisted.some((part) => part.source === source.name) ? 'failed' : 'ok';
    events({ type: 'source.finished', source: source.name, outcome });
  }
  const known = new Set(sources.map(({ name }) => name));
  const gone = [...captured].filter(
    ([key, record]) => !live.has(key) && known.has(record.source) && !mayBeThere(record, unlisted),
  );
  const unknown = [...captured.values()].filter((record) => !known.has(record.source)).map(notCovered);
  const resources = [...results.flatMap(({ drifted }) => drifted ?? []), ...gone.map(([key]) => whole(key, 'missing'))];
  return {
    schema: 1,
    snapshot: reader.info.id,
    compared: {
      resources: results.filter(({ compared }) => compared > 0).length,
      entries: results.reduce((sum, { compared }) => sum + compared, 0),
    },
    resources: resources.sort((a, b) => (a.resource < b.resource ? -1 : 1)),
    failures: [...failures, ...unknown, ...results.flatMap((result) => result.failures)].map(toRecord),
  };
}

async function selectedRecords(reader: SnapshotReader, selection: Selection): Promise<Map<string, ResourceRecord>> {
  const selected = compileSelection(selection);
  const records = new Map<string, ResourceRecord>();
  for await (const record of reader.resources()) {
    const { ref, source, site } = record;
    // The bare name matches as it does live, where it is known apart.
    const names = [ref.name, ref.name.replace(/@.*$/, '')];
    if (selected.has({ source, type: ref.type, names, site })) records.set(resourceKey(ref), record);
  }
  if (records.size === 0)
    throw new HoldfastError('snapshot.nothing-selected', 'nothing in the snapshot matches the selection');
  return records;
}

/** Whether it is only not known to be there: what would have listed it was refused. */
function mayBeThere(
  { source, ref }: ResourceRecord,
  unlisted: readonly { readonly source: string; readonly prefix: string }[],
): boolean {
  return unlisted.some((part) => part.source === source && ref.name.startsWith(part.prefix));
}

function whole(resource: string, change: 'missing' | 'extra'): ResourceDrift {
  return { resource, change, differences: [], total: 0 };
}

function notCovered({ ref, source }: ResourceRecord): HoldfastError {
  const resource = resourceKey(ref);
  return new HoldfastError(
    'item.not-found',
    `${resource} was not compared: the configuration has no source ${source} any more`,
    {
      resource,
      hint: 'Add the source to holdfast.yaml again.',
    },
  );
}
