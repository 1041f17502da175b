import type { BarrierConfig } from '../../config/barriers.ts';
import { asHoldfastError, HoldfastError } from '../../kernel/errors.ts';
import type { EventSink } from '../../kernel/events.ts';
import type { Clock } from '../../kernel/runtime.ts';
import type { SourceBarrier } from '../../repository/contract.ts';
import type { Hold, Holder } from './contract.ts';
import { isWithin, type Member } from './members.ts';

/** Each begins at the same time as all others. */
const mostMembers = 100;

/** A barrier in one snapshot: held once all members are prepared, released once all have begun. */
export interface Gate {
  /** A resource that was found in one of the barrier's sources. */
  join(member: Pick<Member, 'key' | 'source' | 'awaits'>): Member;
  /** No further member will join. */
  complete(): void;
  /** The member is prepared; resolves when it may begin. Throws what holding failed with, and the signal's reason. */
  ready(member: Member): Promise<{ readonly held: boolean }>;
  begun(member: Member): void;
  over(member: Member): void;
  /** Resolves when all that is not of the barrier may begin: it is released. Throws as `ready`. */
  released(): Promise<void>;
  /** Releases it, whatever state it is in; resolves when nothing is held any more. */
  close(): Promise<void>;
  /** What became of it for the members of one source; `failures` name those that missed it. */
  outcome(source: string): { readonly barrier: SourceBarrier; readonly failures: readonly HoldfastError[] };
  /** What went wrong with the barrier itself. */
  failures(): readonly HoldfastError[];
}

export interface GateSettings {
  readonly config: BarrierConfig;
  readonly holder: Holder;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly signal: AbortSignal;
}

export function createGate({ config, holder, clock, events, signal }: GateSettings): Gate {
  const { name, timeout, maxHold, required } = config;
  const members: Member[] = [];
  const opened = deferred<{ readonly held: boolean }>();
  const freed = deferred<void>();
  const stopping = new AbortController();
  const failures: HoldfastError[] = [];
  let isComplete = false;
  let end: SourceBarrier['end'] | undefined;
  let heldAt: number | undefined;
  let releasedAt: number | undefined;
  let hold: Hold | undefined;
  let holding: Promise<void> | undefined;
  let releasing: Promise<void> | undefined;

  function stop(): void {
    stopping.abort(signal.reason);
    opened.reject(signal.reason);
    freed.reject(signal.reason);
  }
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });

  function advance(): void {
    if (!isComplete || signal.aborted) return;
    if (!holding && members.every(({ isReady, isOver }) => isReady || isOver)) holding = begin();
    if (hold && members.every(({ begunAt, isOver }) => begunAt !== undefined || isOver)) void release('begun');
  }
  async function begin(): Promise<void> {
    // Where nobody is left who could begin, nothing is held up for it.
    if (members.every(({ isOver }) => isOver)) return letAllGo('not-held');
    try {
      if (members.length > mostMembers) throw tooMany();
      hold = await withinTimeout();
    } catch (error) {
      const known = asHoldfastError(error);
      if (known.code === 'barrier.not-released') warn(known);
      if (signal.aborted) return;
      if (!required) {
        failures.push(new HoldfastError('barrier.failed', `barrier ${name} was not held: ${known.message}`));
        return letAllGo('not-held');
      }
      const failed = new HoldfastError(known.code, `barrier ${name}: ${known.message}`, {
        cause: error,
        ...(known.code === 'barrier.failed' ? {} : { hint: known.hint }),
      });
      opened.reject(failed);
      freed.reject(failed);
      return;
    }
    heldAt = clock.now();
    events({ type: 'barrier.held', barrier: name, at: heldAt });
    void watch(hold);
    if (signal.aborted) return await release('begun');
    opened.resolve({ held: true });
    advance();
  }
  async function withinTimeout(): Promise<Hold> {
    const asked = new AbortController();
    const over = new AbortController();
    const late = new HoldfastError('barrier.failed', `${holder.title} did not hold within ${timeout} ms`);
    void clock.sleep(timeout, over.signal, { background: true }).then(
      () => asked.abort(late),
      () => undefined,
    );
    try {
      return await holder.hold(AbortSignal.any([asked.signal, stopping.signal]));
    } finally {
      over.abort();
    }
  }
  /** Ends the hold where nobody else does: after the longest time, when it is lost, when the run is stopped. */
  async function watch(held: Hold): Promise<void> {
    const over = new AbortController();
    const limit = clock.sleep(maxHold, AbortSignal.any([over.signal, stopping.signal]), { background: true }).then(
      () => 'max-hold' as const,
      () => 'begun' as const,
    );
    const ending = await Promise.race([
      limit,
      held.lost,
      freed.promise.then(
        () => 'begun' as const,
        () => 'begun' as const,
      ),
    ]);
    over.abort();
    if (ending instanceof HoldfastError) {
      failures.push(ending);
      await release('lost');
    } else await release(ending);
  }
  async function release(why: SourceBarrier['end']): Promise<void> {
    releasing ??= letGo(why);
    return await releasing;
  }
  async function letGo(why: SourceBarrier['end']): Promise<void> {
    // From here on writers may write: what begins later is not within.
    releasedAt = clock.now();
    end = why;
    try {
      await hold?.release();
    } catch (error) {
      const known = asHoldfastError(error);
      if (known.code === 'barrier.lost') end = 'lost';
      else warn(known);
      failures.push(known);
    }
    events({
      type: 'barrier.released',
      barrier: name,
      at: releasedAt,
      heldFor: clock.now() - (heldAt ?? releasedAt),
      missed: members.filter((member) => !isIn(member)).map(({ key }) => key),
    });
    freed.resolve();
  }
  function letAllGo(why: SourceBarrier['end']): void {
    end = why;
    opened.resolve({ held: false });
    freed.resolve();
  }
  function isIn(member: Member): boolean {
    if (heldAt === undefined || releasedAt === undefined || end === 'lost') return false;
    return isWithin(member, { heldAt, releasedAt });
  }
  function warn({ message, hint }: HoldfastError): void {
    events({ type: 'notice', level: 'warning', message: `barrier ${name}: ${message}. ${hint}` });
  }
  function tooMany(): HoldfastError {
    const message = `its sources have ${members.length} resources; at most ${mostMembers} can begin together`;
    return new HoldfastError('barrier.failed', message, { hint: 'Name fewer sources, or narrow them with include.' });
  }
  return {
    join(joining) {
      const member: Member = { ...joining, isReady: false, isOver: false };
      members.push(member);
      return member;
    },
    complete() {
      isComplete = true;
      advance();
    },
    async ready(member) {
      member.isReady = true;
      advance();
      return await opened.promise;
    },
    begun(member) {
      member.begunAt = clock.now();
      advance();
    },
    over(member) {
      member.isOver = true;
      advance();
    },
    released: () => freed.promise,
    async close() {
      signal.removeEventListener('abort', stop);
      stopping.abort(new HoldfastError('run.interrupted', 'the snapshot ended'));
      await holding;
      if (hold) await release('begun');
    },
    outcome(source) {
      const own = members.filter((member) => member.source === source);
      const missed = own.filter((member) => !isIn(member)).map(({ key }) => key);
      const barrier: SourceBarrier = {
        name,
        end: end ?? 'not-held',
        ...(heldAt === undefined ? {} : { heldAt }),
        ...(releasedAt === undefined ? {} : { releasedAt }),
        within: own.filter(isIn).map(({ key }) => key),
        missed,
      };
      return { barrier, failures: missed.map((key) => missedError(name, key, barrier, maxHold)) };
    },
    failures: () => failures,
  };
}

function missedError(name: string, resource: string, { end, heldAt }: SourceBarrier, maxHold: number): HoldfastError {
  const why =
    end === 'max-hold'
      ? `: it was released after ${maxHold} ms`
      : heldAt === undefined
        ? ': it was not held'
        : end === 'lost'
          ? ': the hold was lost'
          : '';
  return new HoldfastError('barrier.missed', `${resource} did not begin within barrier ${name}${why}`, { resource });
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever waits is told; where nobody does, nothing is lost.
  promise.catch(() => undefined);
  return { promise, ...(settle as unknown as Omit<Deferred<T>, 'promise'>) };
}
