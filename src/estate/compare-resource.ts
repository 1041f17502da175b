import type { CaptureSink } from '../kernel/capture.ts';
import { HoldfastError, isItemError, toRecord } from '../kernel/errors.ts';
import type { Repository, SnapshotReader } from '../repository/contract.ts';
import type { Difference } from '../repository/read/contract.ts';
import type { Estate, ResourceDrift } from './contract.ts';
import { openContext, type FoundResource } from './sources.ts';

/** Differences kept per resource; `total` counts all. */
const mostDifferences = 1000;

export interface Compared {
  readonly drifted?: ResourceDrift;
  readonly compared: number;
  readonly failures: readonly HoldfastError[];
}

/**
 * Captures one live resource into a comparison with the captured one. What could not be read is a failure and no difference.
 * Throws run.interrupted and what is not about an item.
 */
export async function compareResource(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  found: FoundResource,
): Promise<Compared> {
  const { key, target } = found;
  const source = target.source.name;
  const captured = await reader.resource(key);
  if (!captured)
    throw new HoldfastError('repository.corrupt', `the snapshot lists ${key} but does not hold it`, { resource: key });
  estate.events({ type: 'resource.started', source, resource: key });
  const kept: Difference[] = [];
  let total = 0;
  let missing = 0;
  const { connector } = target;
  const session = repository.compare(captured, connector.comparable?.bind(connector), (difference) => {
    total++;
    if (difference.change === 'missing') missing++;
    if (kept.length < mostDifferences) kept.push(withoutSecrets(difference));
  });
  const reading = wholeReading(session.sink);
  const thrown = await captureInto(estate, found, reading.sink);
  const { compared, failures } = await session.finish();
  if (estate.signal.aborted) throw interrupted(estate);
  const errors = thrown ? [...failures, thrown] : failures;
  // Where the live resource was not read to its end, what seems missing may only not have been reached.
  const cutShort = thrown !== undefined || reading.cutShort();
  const differences = cutShort ? kept.filter((difference) => difference.change !== 'missing') : kept;
  const count = cutShort ? total - missing : total;
  for (const error of errors) estate.events({ type: 'item.failed', source, resource: key, error: toRecord(error) });
  estate.events({ type: 'resource.progress', source, resource: key, entries: compared, reused: 0, bytes: 0 });
  estate.events({ type: 'resource.finished', source, resource: key, outcome: errors.length === 0 ? 'ok' : 'partial' });
  const drifted: ResourceDrift = { resource: key, change: 'changed', differences, total: count };
  return { ...(count > 0 ? { drifted } : {}), compared, failures: errors };
}

async function captureInto(
  estate: Estate,
  found: FoundResource,
  sink: CaptureSink,
): Promise<HoldfastError | undefined> {
  try {
    const context = await openContext(estate, found.target, estate.signal);
    await found.target.connector.capture(context, found.discovered, sink);
    return undefined;
  } catch (error) {
    if (estate.signal.aborted) throw interrupted(estate);
    if (!isItemError(error)) throw error;
    return error;
  }
}

/** Notices failures that are about no single item: a listing that broke off. */
function wholeReading(sink: CaptureSink): { readonly sink: CaptureSink; cutShort(): boolean } {
  let cut = false;
  return {
    cutShort: () => cut,
    sink: {
      get root() {
        return sink.root;
      },
      collection: (name, settings) => sink.collection(name, settings),
      fail(error, item) {
        cut ||= item === undefined;
        sink.fail(error, item);
      },
      note: (note) => sink.note(note),
    },
  };
}

function withoutSecrets(difference: Difference): Difference {
  if (!difference.secret) return difference;
  return { ...difference, parts: difference.parts.map(({ part }) => ({ part })) };
}

function interrupted(estate: Estate): HoldfastError {
  return new HoldfastError('run.interrupted', 'the comparison was interrupted', {
    hint: 'Run the command again.',
    cause: estate.signal.reason,
  });
}
