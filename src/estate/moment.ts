import type { CaptureMoment } from '../connectors/contract.ts';
import type { Moment, ReachedMoment } from '../kernel/moment.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { ResourceRecord } from '../repository/contract.ts';

/** For captures that need not wait for others. */
export const atOnce: CaptureMoment = {
  begin: async () => await Promise.resolve({ held: false }),
  reached() {
    /* nobody waits for it */
  },
};

/** What a capture is given: passes on what it tells, and remembers it for the record. */
export interface NotedMoment extends CaptureMoment {
  /** Once the capture has ended: what is to be recorded; undefined where it told nothing. */
  shown(): Moment | undefined;
}

export function noteMoment(clock: Pick<Clock, 'now'>, { begin, reached }: CaptureMoment): NotedMoment {
  let last: { readonly moment: ReachedMoment; readonly at: number } | undefined;
  return {
    begin,
    reached(moment) {
      last = { moment, at: clock.now() };
      reached(moment);
    },
    shown() {
      if (!last) return undefined;
      const { moment, at } = last;
      if (moment.kind === 'interval') return { kind: 'interval', from: at, to: clock.now(), clock: 'machine' };
      return moment.clock === 'server' ? { ...moment, seenAt: at } : moment;
    },
  };
}

/** The moment that a captured resource shows, whether its capture told it or not. */
export function momentOf({ moment, startedAt, finishedAt }: ResourceRecord): Moment {
  return moment ?? { kind: 'interval', from: startedAt, to: finishedAt, clock: 'machine' };
}
