import { resourceKey } from '../kernel/entry.ts';
import type { Moment } from '../kernel/moment.ts';
import { pointKey } from '../kernel/recovery-point.ts';
import type { ResourceRecord, SourceBarrier, SourceRecord } from '../repository/contract.ts';
import { momentOf } from './moment.ts';

/** A moment in a manifest: times in ISO 8601. */
export interface ManifestMoment extends Omit<Moment, 'from' | 'to' | 'seenAt'> {
  readonly source: string;
  /** `type/name`; absent: all resources of the source that have no line of their own, which were read between these times. */
  readonly resource?: string;
  readonly from: string;
  readonly to: string;
  readonly seenAt?: string;
  /** The barrier it was to begin in, and how it lies to that. */
  readonly barrier?: BarrierPlace;
}

/**
 * `whole`: all it shows is of the time in which the barrier was held. `begun`: it began then, and went on afterwards. `missed`: it did
 * not begin then.
 */
export interface BarrierPlace {
  readonly name: string;
  readonly state: 'whole' | 'begun' | 'missed';
}

/** A barrier in a manifest: times in ISO 8601, ms. */
export interface ManifestBarrier extends Pick<SourceBarrier, 'name' | 'end'> {
  readonly sources: readonly string[];
  readonly heldAt?: string;
  readonly releasedAt?: string;
  readonly heldFor?: number;
}

/** The barriers of a snapshot's sources: one, but where a snapshot went on with another's resources. */
export function manifestBarriers(sources: readonly SourceRecord[]): ManifestBarrier[] {
  const found = new Map<string, ManifestBarrier>();
  for (const { source, barrier } of sources) {
    if (!barrier) continue;
    const { name, end, heldAt, releasedAt } = barrier;
    const key = `${name} ${heldAt ?? ''}`;
    const span =
      heldAt === undefined || releasedAt === undefined
        ? {}
        : { heldAt: iso(heldAt), releasedAt: iso(releasedAt), heldFor: releasedAt - heldAt };
    found.set(key, { name, end, sources: [...(found.get(key)?.sources ?? []), source], ...span });
  }
  return [...found.values()];
}

/**
 * Which moment each source shows: a line for every resource that told one and for every recovery point whose moment the provider
 * said, and one for all others of the source together.
 */
export function manifestMoments(
  { source, barrier }: SourceRecord,
  records: readonly ResourceRecord[],
): ManifestMoment[] {
  const named = new Set([...(barrier?.within ?? []), ...(barrier?.missed ?? [])]);
  const hasPoints = ({ points = [] }: ResourceRecord): boolean => points.some(({ run }) => run !== undefined);
  // What began in a barrier is the recovery points, where there are any.
  const isOwn = (record: ResourceRecord): boolean =>
    record.moment !== undefined || (named.has(resourceKey(record.ref)) && !hasPoints(record));
  const line = (record: ResourceRecord, moment: Moment, within: boolean): ManifestMoment => {
    const resource = resourceKey(record.ref);
    const place = within && named.has(resource) ? placeOf(resource, moment, barrier) : undefined;
    return { source, resource, ...written(moment), ...(place ? { barrier: place } : {}) };
  };
  const others = records.filter((record) => !isOwn(record)).map(momentOf);
  return [
    ...records.filter(isOwn).map((record) => line(record, momentOf(record), !hasPoints(record))),
    ...records.flatMap((record) =>
      (record.points ?? []).flatMap((point) => {
        const { at, run } = point;
        // What nobody asked for with the snapshot shows another moment than it.
        if (at === undefined || run === undefined) return [];
        return [line(record, { kind: 'instant', from: at, to: at, clock: 'server', position: pointKey(point) }, true)];
      }),
    ),
    ...(others.length > 0 ? [{ source, ...written(spanning(others)) }] : []),
  ];
}

function placeOf(resource: string, { kind, to }: Moment, barrier: SourceBarrier | undefined): BarrierPlace | undefined {
  if (!barrier) return undefined;
  const { name, within, releasedAt = -Infinity } = barrier;
  if (!within.includes(resource)) return { name, state: 'missed' };
  return { name, state: kind === 'instant' || to <= releasedAt ? 'whole' : 'begun' };
}

function spanning(moments: readonly Moment[]): Moment {
  const from = moments.reduce((least, one) => Math.min(least, one.from), Infinity);
  const to = moments.reduce((most, one) => Math.max(most, one.to), -Infinity);
  return { kind: 'interval', from, to, clock: 'machine' };
}

function written({ from, to, seenAt, ...facts }: Moment): Omit<ManifestMoment, 'source' | 'resource'> {
  return { ...facts, from: iso(from), to: iso(to), ...(seenAt === undefined ? {} : { seenAt: iso(seenAt) }) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
