import type { BarrierConfig } from '../../config/barriers.ts';
import type { EstateConfig, SourceConfig } from '../../config/contract.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { SourceRecord } from '../../repository/contract.ts';
import type { Estate } from '../contract.ts';
import { pointsAsked } from '../points/run.ts';
import type { FoundResource, SourceTarget } from '../sources.ts';
import { createGate } from './gate.ts';
import { openHolder } from './holder.ts';
import { freeTurn, turnAfter, turnOfPoints, turnWithin, type Turn } from './turns.ts';

/** The barrier of a snapshot, or that there is none. */
export interface Barrier {
  readonly isAsked: boolean;
  /** When the work on a resource that was found begins. */
  turn(resource: FoundResource): Turn;
  /** The listing has ended: it finds nothing more. */
  listed(target: SourceTarget): void;
  /** Resolves once it is known what became of it. */
  settled(): Promise<void>;
  /** The records of the sources, with what became of the barrier. */
  recorded(records: readonly SourceRecord[]): readonly SourceRecord[];
  /** Nothing is held afterwards. */
  close(): Promise<void>;
}

const noBarrier: Barrier = {
  isAsked: false,
  turn: () => freeTurn,
  listed() {
    /* nobody waits for it */
  },
  settled: async () => await Promise.resolve(),
  recorded: (records) => records,
  close: async () => await Promise.resolve(),
};

export interface BarrierSettings {
  /** Absent: the snapshot has none. */
  readonly name: string | undefined;
  readonly resume: boolean;
  /** Sources of the snapshot. */
  readonly sources: readonly SourceConfig[];
  /** What is listed, for one or several of them. */
  readonly targets: readonly SourceTarget[];
  readonly signal: AbortSignal;
}

/** Throws usage.invalid for a barrier that is not there, or that cannot be of this snapshot. */
export async function openBarrier(estate: Estate, settings: BarrierSettings): Promise<Barrier> {
  const { name, sources, targets, signal } = settings;
  if (name === undefined) return noBarrier;
  const config = findBarrier(estate.config, name);
  if (settings.resume)
    throw new HoldfastError('usage.invalid', 'a snapshot with a barrier cannot go on with an interrupted one', {
      hint: 'Leave --resume out: all sources of a barrier must begin anew, and what is stored already is not stored again.',
    });
  const own = new Set(config.sources.filter((source) => sources.some((one) => one.name === source)));
  if (own.size === 0)
    throw new HoldfastError('usage.invalid', `no source of barrier ${name} is part of this snapshot`, {
      hint: `Its sources are ${config.sources.join(', ')}.`,
    });
  const { events, runtime } = estate;
  for (const source of config.sources)
    if (!own.has(source)) {
      const message = `${source} is in barrier ${name}, and not part of this snapshot`;
      events({ type: 'notice', level: 'warning', message });
    }
  const holder = await openHolder(config, { runtime, folder: estate.config.folder });
  const gate = createGate({ config, holder, clock: runtime.clock, events, signal });
  let listings = targets.filter(({ source }) => own.has(source.name)).length;
  return {
    isAsked: true,
    turn(resource) {
      const { source, connector } = resource.target;
      if (!own.has(source.name)) return turnAfter(gate);
      const member = gate.join({ key: resource.key, source: source.name, awaits: connector.awaitsMoment === true });
      return pointsAsked(resource) ? turnOfPoints(gate, member) : turnWithin(gate, member, config.until);
    },
    listed({ source }) {
      if (own.has(source.name) && --listings === 0) gate.complete();
    },
    settled: async () => await gate.released(),
    recorded(records) {
      let general = gate.failures();
      return records.map((record) => {
        if (!own.has(record.source)) return record;
        const { barrier, failures } = gate.outcome(record.source);
        // What is about the barrier itself is told once.
        const told = [...general, ...failures].map(({ code, message, resource = `barriers/${name}` }) => ({
          code,
          message,
          resource,
        }));
        general = [];
        return { ...record, barrier, failures: [...told, ...record.failures] };
      });
    },
    close: async () => await gate.close(),
  };
}

/** Throws usage.invalid where the configuration has none of this name. */
export function findBarrier({ barriers = {} }: Pick<EstateConfig, 'barriers'>, name: string): BarrierConfig {
  const found = Object.hasOwn(barriers, name) ? barriers[name] : undefined;
  if (found) return found;
  const known = Object.keys(barriers);
  const hint =
    known.length === 0
      ? 'Describe one below barriers: in holdfast.yaml.'
      : `The configuration has ${known.join(', ')}.`;
  throw new HoldfastError('usage.invalid', `no barrier is called ${name}`, { hint });
}
