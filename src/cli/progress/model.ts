import type { ErrorRecord } from '../../kernel/errors.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';

/** What a run looks like from outside, folded from its events. Bounded: finished resources are only counted. */
export interface RunProgress {
  readonly verb: string;
  readonly startedAt: number | undefined;
  readonly sources: ReadonlyMap<string, SourceProgress>;
  readonly actions: { readonly running: readonly string[]; readonly done: number; readonly failed: number };
  readonly repository: { readonly what: string; readonly done: number; readonly total: number } | undefined;
  readonly failures: number;
}

export interface SourceProgress {
  readonly found: number | undefined;
  readonly done: number;
  readonly failed: number;
  readonly entries: number;
  readonly reused: number;
  readonly bytes: number;
  /** Absent while it runs. */
  readonly outcome: 'ok' | 'partial' | 'failed' | undefined;
  readonly startedAt: number;
}

/** What a person should see once, as a line that stays. */
export interface Remark {
  readonly level: 'failure' | 'warning' | 'info';
  readonly text: string;
  readonly code?: ErrorRecord['code'];
}

interface Counts {
  entries: number;
  reused: number;
  bytes: number;
}

interface MutableSource {
  found: number | undefined;
  done: number;
  failed: number;
  outcome: 'ok' | 'partial' | 'failed' | undefined;
  startedAt: number;
  /** Sums of finished resources. */
  finished: Counts;
  running: Map<string, Counts>;
}

export interface ProgressModel {
  /** Folds one event; returns the line that should stay visible for it, if any. `now` in ms since the epoch. */
  fold(event: HoldfastEvent, now: number): Remark | undefined;
  snapshot(): RunProgress;
}

export function createProgressModel(verb: string): ProgressModel {
  const sources = new Map<string, MutableSource>();
  const running = new Map<string, string>();
  const points = new Map<string, boolean>();
  let actionsDone = 0;
  let actionsFailed = 0;
  let failures = 0;
  let startedAt: number | undefined;
  let repository: RunProgress['repository'];

  function source(name: string, now: number): MutableSource {
    let known = sources.get(name);
    if (!known) {
      known = {
        found: undefined,
        done: 0,
        failed: 0,
        outcome: undefined,
        startedAt: now,
        finished: { entries: 0, reused: 0, bytes: 0 },
        running: new Map(),
      };
      sources.set(name, known);
    }
    return known;
  }

  function finishResource(of: MutableSource, resource: string, outcome: 'ok' | 'partial' | 'failed'): void {
    const counts = of.running.get(resource);
    if (counts) {
      of.finished.entries += counts.entries;
      of.finished.reused += counts.reused;
      of.finished.bytes += counts.bytes;
      of.running.delete(resource);
    }
    if (outcome === 'failed') of.failed++;
    else of.done++;
  }

  function fold(event: HoldfastEvent, now: number): Remark | undefined {
    startedAt ??= now;
    switch (event.type) {
      case 'source.started':
        source(event.source, now);
        return undefined;
      case 'source.found':
        source(event.source, now).found = event.resources;
        return undefined;
      case 'source.finished':
        source(event.source, now).outcome = event.outcome;
        return undefined;
      case 'resource.started':
        source(event.source, now).running.set(event.resource, { entries: 0, reused: 0, bytes: 0 });
        return undefined;
      case 'resource.progress': {
        const { entries, reused, bytes } = event;
        source(event.source, now).running.set(event.resource, { entries, reused, bytes });
        return undefined;
      }
      case 'resource.finished':
        finishResource(source(event.source, now), event.resource, event.outcome);
        return undefined;
      case 'item.failed':
        failures++;
        return { level: 'failure', code: event.error.code, text: failureText(event.resource, event.error) };
      case 'action.started':
        running.set(event.action, event.title);
        return undefined;
      case 'action.finished':
        running.delete(event.action);
        if (event.outcome === 'failed') actionsFailed++;
        else actionsDone++;
        return undefined;
      case 'repository.progress':
        repository = { what: event.what, done: event.done, total: event.total };
        return undefined;
      case 'snapshot.alarm':
        return { level: 'warning', text: `alarm: ${event.resource ?? event.source}: ${event.message}` };
      case 'notice':
        return { level: event.level, text: event.message };
      case 'point.progress':
        return foldPoint(event);
      case 'barrier.released': {
        const { barrier, heldFor, missed } = event;
        const late = missed.length > 0 ? `; not begun within: ${missed.join(', ')}` : '';
        const level = missed.length > 0 ? 'warning' : 'info';
        return { level, text: `barrier ${barrier} was held for ${heldFor} ms${late}` };
      }
      case 'barrier.held':
      case 'run.started':
      case 'run.finished':
      default:
        return undefined;
    }
  }

  /** Points that were pending, by their name: where all that is left is waiting for them, it is this that goes on. */
  function foldPoint({ point, state }: HoldfastEvent & { readonly type: 'point.progress' }): undefined {
    if (state === 'pending') points.set(point, false);
    else if (points.has(point)) points.set(point, true);
    const done = [...points.values()].filter(Boolean).length;
    if (points.size > 0) repository = { what: 'recovery points ended', done, total: points.size };
  }

  return {
    fold,
    snapshot: () => ({
      verb,
      startedAt,
      sources: new Map([...sources].map(([name, state]) => [name, summary(state)])),
      actions: { running: [...running.values()], done: actionsDone, failed: actionsFailed },
      repository,
      failures,
    }),
  };
}

function failureText(resource: string, error: ErrorRecord): string {
  return error.message.includes(resource) ? error.message : `${resource}: ${error.message}`;
}

function summary(state: MutableSource): SourceProgress {
  const sum = { ...state.finished };
  for (const counts of state.running.values()) {
    sum.entries += counts.entries;
    sum.reused += counts.reused;
    sum.bytes += counts.bytes;
  }
  const { found, done, failed, outcome, startedAt } = state;
  return { found, done, failed, outcome, startedAt, ...sum };
}
