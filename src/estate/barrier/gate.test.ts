import { describe, expect, it } from 'vitest';
import type { BarrierConfig } from '../../config/barriers.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { systemClock } from '../../kernel/runtime.ts';
import { never, type Hold, type Holder } from './contract.ts';
import { createGate, type Gate } from './gate.ts';

interface Stand {
  readonly gate: Gate;
  readonly log: string[];
  readonly events: HoldfastEvent[];
  readonly abort: AbortController;
}

/** A gate over a holder of the test, which writes down what is asked of it. */
function stand(
  settings: Partial<BarrierConfig> = {},
  holder: Partial<Holder> & { readonly held?: Partial<Hold> } = {},
): Stand {
  const log: string[] = [];
  const events: HoldfastEvent[] = [];
  const abort = new AbortController();
  const config: BarrierConfig = {
    name: 'both',
    sources: ['a', 'b'],
    how: { kind: 'postgres', databases: [] },
    timeout: 60_000,
    maxHold: 60_000,
    required: true,
    until: 'begun',
    secrets: [],
    ...settings,
  };
  const gate = createGate({
    config,
    clock: systemClock,
    events: (event) => events.push(event),
    signal: abort.signal,
    holder: {
      title: 'a holder',
      check: async () => await Promise.resolve(''),
      async hold(signal) {
        await Promise.resolve();
        signal.throwIfAborted();
        log.push('hold');
        return {
          lost: never,
          async release() {
            log.push('release');
            await holder.held?.release?.();
          },
          ...(holder.held?.lost ? { lost: holder.held.lost } : {}),
        };
      },
      ...(holder.hold ? { hold: holder.hold } : {}),
    },
  });
  return { gate, log, events, abort };
}

function member(name: string, source: string, awaits = true): Parameters<Gate['join']>[0] {
  return { key: `x/${name}`, source, awaits };
}

async function codeOf(running: Promise<unknown>): Promise<string | undefined> {
  return await running.then(
    () => undefined,
    (error: unknown) => (error as HoldfastError).code,
  );
}

describe('a barrier', () => {
  it('is held when all members are prepared, and released when all have begun; what is not of it comes after', async () => {
    const { gate, log, events } = stand();
    const [a, b] = [gate.join(member('a', 'a')), gate.join(member('b', 'b'))];
    void gate.released().then(() => log.push('others'));
    const first = gate.ready(a);
    gate.complete();
    await new Promise(setImmediate);
    expect(log).toEqual([]);
    expect([await gate.ready(b), await first]).toEqual([{ held: true }, { held: true }]);
    gate.begun(a);
    await new Promise(setImmediate);
    expect(log).toEqual(['hold']);
    gate.begun(b);
    await gate.released();
    await new Promise(setImmediate);
    expect(log).toEqual(['hold', 'release', 'others']);
    expect(gate.outcome('a')).toMatchObject({ barrier: { end: 'begun', within: ['x/a'], missed: [] }, failures: [] });
    expect(events.map(({ type }) => type)).toEqual(['barrier.held', 'barrier.released']);
    await gate.close();
    expect(log.filter((one) => one === 'release')).toHaveLength(1);
  });

  it('does not wait for a member that has failed, and says that it missed', async () => {
    const { gate } = stand();
    const [a, b, c] = [gate.join(member('a', 'a')), gate.join(member('b', 'b')), gate.join(member('c', 'b'))];
    gate.complete();
    gate.over(b);
    void gate.ready(c);
    await gate.ready(a);
    gate.begun(a);
    gate.over(c);
    await gate.released();
    const { barrier, failures } = gate.outcome('b');
    expect([barrier.end, barrier.within, barrier.missed]).toEqual(['begun', [], ['x/b', 'x/c']]);
    expect(failures.map(({ code }) => code)).toEqual(['barrier.missed', 'barrier.missed']);
  });

  it('is not held where nobody is left to begin', async () => {
    const { gate, log } = stand();
    gate.over(gate.join(member('a', 'a')));
    gate.complete();
    await gate.released();
    expect([log, gate.outcome('a').barrier.end]).toEqual([[], 'not-held']);
  });

  it('that cannot be held lets nothing begin, or where it is not required everything, and says so', async () => {
    const hold = async (): Promise<Hold> => await Promise.reject(new HoldfastError('barrier.failed', 'it is broken'));
    const strict = stand({}, { hold });
    const joined = strict.gate.join(member('a', 'a'));
    strict.gate.complete();
    expect(await codeOf(strict.gate.ready(joined))).toBe('barrier.failed');
    expect(await codeOf(strict.gate.released())).toBe('barrier.failed');
    const loose = stand({ required: false }, { hold });
    const other = loose.gate.join(member('a', 'a'));
    loose.gate.complete();
    expect(await loose.gate.ready(other)).toEqual({ held: false });
    await loose.gate.released();
    expect(loose.gate.failures().map(({ message }) => message)).toEqual(['barrier both was not held: it is broken']);
    expect(loose.gate.outcome('a').barrier).toEqual({ name: 'both', end: 'not-held', within: [], missed: ['x/a'] });
  });

  it('is given up where holding takes too long, and whoever holds is told', async () => {
    let aborted = false;
    const { gate } = stand(
      { timeout: 30 },
      {
        hold: async (signal) =>
          await new Promise<Hold>((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(signal.reason as Error);
            });
          }),
      },
    );
    const joined = gate.join(member('a', 'a'));
    gate.complete();
    await expect(gate.ready(joined)).rejects.toThrow('did not hold within 30 ms');
    expect(aborted).toBe(true);
  });

  it('is released after the longest time, without those that have not begun', async () => {
    const { gate, log, events } = stand({ maxHold: 30 });
    const [a, b] = [gate.join(member('a', 'a')), gate.join(member('b', 'b'))];
    gate.complete();
    await Promise.all([gate.ready(a), gate.ready(b)]);
    gate.begun(a);
    await gate.released();
    await new Promise((resolve) => setTimeout(resolve, 5));
    gate.begun(b);
    expect(log).toEqual(['hold', 'release']);
    expect(gate.outcome('a').barrier).toMatchObject({ end: 'max-hold', within: ['x/a'] });
    expect(gate.outcome('b').failures[0]?.message).toBe(
      'x/b did not begin within barrier both: it was released after 30 ms',
    );
    expect(events.at(-1)).toMatchObject({ type: 'barrier.released', missed: ['x/b'] });
  });

  it('that is lost makes all of it miss, also what had begun', async () => {
    const lost = Promise.resolve(new HoldfastError('barrier.lost', 'it has gone'));
    const early = stand({}, { held: { lost } });
    const joined = early.gate.join(member('a', 'a'));
    early.gate.complete();
    await early.gate.ready(joined);
    await early.gate.released();
    expect(early.gate.outcome('a').barrier).toMatchObject({ end: 'lost', within: [], missed: ['x/a'] });
    const release = async (): Promise<void> => await Promise.reject(new HoldfastError('barrier.lost', 'it had gone'));
    const late = stand({}, { held: { release } });
    const other = late.gate.join(member('a', 'a'));
    late.gate.complete();
    await late.gate.ready(other);
    late.gate.begun(other);
    await late.gate.released();
    expect(late.gate.outcome('a').barrier).toMatchObject({ end: 'lost', missed: ['x/a'] });
    expect(late.gate.failures()[0]?.code).toBe('barrier.lost');
  });

  it('that does not let go is told at once, and in the snapshot', async () => {
    const release = async (): Promise<void> =>
      await Promise.reject(new HoldfastError('barrier.not-released', 'it does not answer'));
    const { gate, events } = stand({}, { held: { release } });
    const joined = gate.join(member('a', 'a'));
    gate.complete();
    await gate.ready(joined);
    gate.begun(joined);
    await gate.released();
    expect(gate.failures()[0]?.code).toBe('barrier.not-released');
    expect(gate.outcome('a').barrier.within).toEqual(['x/a']);
    expect(events).toContainEqual({
      type: 'notice',
      level: 'warning',
      message: expect.stringContaining('let go of it by hand') as string,
    });
  });

  it('is released when the run is interrupted, also in the middle of holding', async () => {
    const { gate, log, abort } = stand();
    const [a, b] = [gate.join(member('a', 'a')), gate.join(member('b', 'b'))];
    gate.complete();
    await Promise.all([gate.ready(a), gate.ready(b)]);
    abort.abort(new HoldfastError('run.interrupted', 'stop'));
    expect(await codeOf(gate.released())).toBe('run.interrupted');
    await gate.close();
    expect(log).toEqual(['hold', 'release']);
    const held: { go?: (hold: Hold) => void } = {};
    const slow = stand({}, { hold: async () => await new Promise<Hold>((go) => (held.go = go)) });
    const joined = slow.gate.join(member('a', 'a'));
    slow.gate.complete();
    const waiting = codeOf(slow.gate.ready(joined));
    slow.abort.abort(new HoldfastError('run.interrupted', 'stop'));
    expect(await waiting).toBe('run.interrupted');
    held.go?.({ lost: never, release: async () => void slow.log.push(await Promise.resolve('release')) });
    await slow.gate.close();
    expect(slow.log).toEqual(['release']);
  });

  it('counts no instant that lies before it: a file begun for somebody else, an export of the past', async () => {
    const { gate } = stand();
    const past = { kind: 'instant', from: 1000, to: Date.now() } as const;
    const moments = [
      { ...past, clock: 'machine' as const },
      { ...past, clock: 'server' as const },
      { ...past, clock: 'server' as const },
    ];
    const joined = [member('a', 'a'), member('b', 'a', false), member('c', 'a')].map((one) => gate.join(one));
    gate.complete();
    await Promise.all(joined.map(async (one) => await gate.ready(one)));
    for (const [i, one] of joined.entries()) {
      const moment = moments[i];
      if (moment) one.moment = moment;
      gate.begun(one);
    }
    await gate.released();
    // A server that awaited the barrier has a clock that is wrong.
    expect(gate.outcome('a').barrier).toMatchObject({ within: ['x/c'], missed: ['x/a', 'x/b'] });
  });
});
