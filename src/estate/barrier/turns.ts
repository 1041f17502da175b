import type { CaptureMoment } from '../../connectors/contract.ts';
import { atOnce } from '../moment.ts';
import type { Gate } from './gate.ts';
import type { Member } from './members.ts';

/** When the work on a resource begins, in a snapshot that may have a barrier. */
export interface Turn {
  /** It begins together with others: it waits in no queue. */
  readonly isMember: boolean;
  readonly capture: Part;
  /** The start of its recovery points. */
  readonly points: Part;
}

export interface Part {
  /** Resolves when the work may begin. Throws where it must not begin at all. */
  start(): Promise<void>;
  /** What the capture itself waits for and tells. */
  readonly moment: CaptureMoment;
  /** The work has ended; `isDone`: and did not fail as a whole. */
  end(isDone: boolean): void;
}

const free: Part = {
  start: async () => await Promise.resolve(),
  moment: atOnce,
  end() {
    /* nobody waits for it */
  },
};

/** Without a barrier. */
export const freeTurn: Turn = { isMember: false, capture: free, points: free };

/** What is not of the barrier begins when that is released: nothing else is at work while writers wait. */
export function turnAfter(gate: Gate): Turn {
  const after: Part = { ...free, start: async () => await gate.released() };
  return { isMember: false, capture: after, points: after };
}

/** Recovery points are begun within the barrier, and what is captured beside them later. */
export function turnOfPoints(gate: Gate, member: Member): Turn {
  const points: Part = {
    moment: atOnce,
    async start() {
      await gate.ready(member);
    },
    end(isDone) {
      if (isDone) gate.begun(member);
      gate.over(member);
    },
  };
  return { ...turnAfter(gate), points };
}

/** `until`: what is waited for of a capture that has no instant of its own, its beginning or its end. */
export function turnWithin(gate: Gate, member: Member, until: 'begun' | 'captured'): Turn {
  const hasBegun = (): void => {
    if (until === 'begun') gate.begun(member);
  };
  const capture: Part = {
    async start() {
      if (member.awaits) return;
      await gate.ready(member);
      hasBegun();
    },
    moment: {
      begin: async () => await gate.ready(member),
      reached(moment) {
        member.moment = moment;
        if (moment.kind === 'instant') gate.begun(member);
        else hasBegun();
      },
    },
    end(isDone) {
      if (isDone && until === 'captured' && member.moment?.kind !== 'instant') gate.begun(member);
      gate.over(member);
    },
  };
  return { isMember: true, capture, points: free };
}
