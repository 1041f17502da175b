import { resourceKey } from '../kernel/entry.ts';
import type { Moment } from '../kernel/moment.ts';
import { pointKey } from '../kernel/recovery-point.ts';
import type { ResourceRecord } from '../repository/contract.ts';
import { momentOf } from './moment.ts';

/** A moment in a manifest: times in ISO 8601. */
export interface ManifestMoment extends Omit<Moment, 'from' | 'to' | 'seenAt'> {
  readonly source: string;
  /** `type/name`; absent: all resources of the source that have no line of their own, which were read between these times. */
  readonly resource?: string;
  readonly from: string;
  readonly to: string;
  readonly seenAt?: string;
}

/**
 * Which moment each source shows: a line for every resource that told one and for every recovery point whose moment the provider
 * said, and one for all others of the source together.
 */
export function manifestMoments(source: string, records: readonly ResourceRecord[]): ManifestMoment[] {
  const own = records.filter(({ moment }) => moment !== undefined);
  const others = records.filter(({ moment }) => moment === undefined).map(momentOf);
  return [
    ...own.map((record) => ({ source, resource: resourceKey(record.ref), ...written(momentOf(record)) })),
    ...records.flatMap(({ ref, points = [] }) =>
      points.flatMap((point) => {
        const { at, run } = point;
        // What nobody asked for with the snapshot shows another moment than it.
        if (at === undefined || run === undefined) return [];
        const shown: Moment = { kind: 'instant', from: at, to: at, clock: 'server', position: pointKey(point) };
        return [{ source, resource: resourceKey(ref), ...written(shown) }];
      }),
    ),
    ...(others.length > 0 ? [{ source, ...written(spanning(others)) }] : []),
  ];
}

function spanning(moments: readonly Moment[]): Moment {
  const from = moments.reduce((least, one) => Math.min(least, one.from), Infinity);
  const to = moments.reduce((most, one) => Math.max(most, one.to), -Infinity);
  return { kind: 'interval', from, to, clock: 'machine' };
}

function written({ from, to, seenAt, ...facts }: Moment): Omit<ManifestMoment, 'source' | 'resource'> {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return { ...facts, from: iso(from), to: iso(to), ...(seenAt === undefined ? {} : { seenAt: iso(seenAt) }) };
}
