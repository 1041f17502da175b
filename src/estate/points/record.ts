import { resourceKey } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { isPending, pointKey, type RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { ResourceRecord, SourceRecord } from '../../repository/contract.ts';

/** The recovery points of one resource in one run. */
export interface KeptPoints {
  readonly points: readonly RecoveryPoint[];
  /** Why none could be asked for. */
  readonly failure?: Pick<HoldfastError, 'code' | 'message'>;
}

/** The item under which failures of recovery points stand in a record: alone, or before the point. */
const place = 'recovery-points';
const mostFailures = 100;
const mostOfSource = 1000;

/**
 * The record with these points, and with a failure for each that one cannot restore from: what it said of its points before
 * goes, whatever else it says stays.
 */
export function withPoints(record: ResourceRecord, kept: KeptPoints): ResourceRecord {
  const { points: _, ...bare } = record;
  const others = record.failures.filter(({ item }) => !isOfPoints(item));
  const own = failuresOf(resourceKey(record.ref), kept);
  const failed = record.failed - (record.failures.length - others.length) + own.length;
  return {
    ...bare,
    outcome: failed > 0 ? 'partial' : 'complete',
    // First, so that all of them are among those that are kept.
    failures: [...own, ...others].slice(0, mostFailures),
    failed,
    ...(kept.points.length > 0 ? { points: kept.points } : {}),
  };
}

/** The record with its points as they are now; that none could be asked for stays said. */
export function withFollowed(record: ResourceRecord, points: readonly RecoveryPoint[]): ResourceRecord {
  const failure = record.failures.find(({ item }) => item === place);
  return withPoints(record, { points, ...(failure ? { failure: failure as KeptPoints['failure'] & object } : {}) });
}

/** What a point that is no use, or not yet, costs: undefined for one that is available. */
export function pointError(resource: string, point: RecoveryPoint): HoldfastError | undefined {
  const { state, percent, reason } = point;
  if (state === 'available') return undefined;
  const why = reason === undefined ? '' : `: ${reason}`;
  if (isPending(point)) {
    const far = percent === undefined ? '' : ` (${percent}%)`;
    const message = `${pointKey(point)} of ${resource} is still being made${far}${why}`;
    return new HoldfastError('item.point-pending', message, { resource });
  }
  return new HoldfastError('item.point-failed', `${pointKey(point)} of ${resource} is ${state}${why}`, { resource });
}

function failuresOf(resource: string, { points, failure }: KeptPoints): ResourceRecord['failures'] {
  const started = failure ? [{ code: failure.code, message: failure.message, item: place }] : [];
  const own = points.flatMap((point) => {
    const error = pointError(resource, point);
    return error ? [{ code: error.code, message: error.message, item: `${place}/${pointKey(point)}` }] : [];
  });
  return [...started, ...own];
}

function isOfPoints(item: string | undefined): boolean {
  return item === place || item?.startsWith(`${place}/`) === true;
}

/** What sources say once the points of their resources were followed: counts and failures made anew, all else as before. */
export function sourcesFollowed(
  before: readonly SourceRecord[],
  records: readonly ResourceRecord[],
): readonly SourceRecord[] {
  return before.map((source) => {
    const own = records.filter((record) => record.source === source.source);
    const partial = own.filter(({ outcome }) => outcome === 'partial').length;
    const places = new Set(own.map(({ ref }) => `${resourceKey(ref)}/${place}`));
    const others = source.failures.filter(({ resource = '' }) => {
      const end = resource.indexOf(`/${place}`);
      return end < 0 || !places.has(resource.slice(0, end + place.length + 1));
    });
    const failures = own.flatMap(({ ref, failures: told }) =>
      told
        .filter(({ item }) => isOfPoints(item))
        .map(({ code, message, item = place }) => ({ code, message, resource: `${resourceKey(ref)}/${item}` })),
    );
    return {
      ...source,
      captured: own.length - partial,
      partial,
      failures: [...others, ...failures].slice(0, mostOfSource),
    };
  });
}
