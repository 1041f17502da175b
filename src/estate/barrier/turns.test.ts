import { expect, it } from 'vitest';
import { noEvents } from '../../kernel/events.ts';
import { systemClock } from '../../kernel/runtime.ts';
import { never } from './contract.ts';
import { createGate, type Gate } from './gate.ts';
import { turnAfter, turnOfPoints, turnWithin } from './turns.ts';

function gateWith(log: string[]): Gate {
  return createGate({
    config: {
      name: 'one',
      sources: ['a'],
      how: { kind: 'postgres', databases: [] },
      timeout: 60_000,
      maxHold: 60_000,
      required: true,
      until: 'begun',
      secrets: [],
    },
    clock: systemClock,
    events: noEvents,
    signal: new AbortController().signal,
    holder: {
      title: 'a holder',
      check: async () => await Promise.resolve(''),
      hold: async () => {
        log.push('hold');
        return await Promise.resolve({
          lost: never,
          release: async () => void log.push(await Promise.resolve('release')),
        });
      },
    },
  });
}

const member = (name: string, awaits: boolean): Parameters<Gate['join']>[0] => ({
  key: `x/${name}`,
  source: 'a',
  awaits,
});
const turnsOver = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 5));

it('recovery points begin within the barrier, and what is captured beside them afterwards', async () => {
  const log: string[] = [];
  const gate = gateWith(log);
  const turn = turnOfPoints(gate, gate.join(member('volume', false)));
  expect(turn.isMember).toBe(false);
  const capturing = turn.capture.start().then(() => log.push('capture'));
  const starting = turn.points.start().then(() => log.push('points'));
  gate.complete();
  await starting;
  await turnsOver();
  expect(log).toEqual(['hold', 'points']);
  turn.points.end(true);
  await capturing;
  expect(log).toEqual(['hold', 'points', 'release', 'capture']);
  expect(gate.outcome('a').barrier.within).toEqual(['x/volume']);
});

it('points that the provider refuses to begin are missed, and hold up nobody', async () => {
  const gate = gateWith([]);
  const turn = turnOfPoints(gate, gate.join(member('volume', false)));
  gate.complete();
  await turn.points.start();
  turn.points.end(false);
  await turn.capture.start();
  expect(gate.outcome('a').barrier.missed).toEqual(['x/volume']);
});

it.each(['begun', 'captured'] as const)('a capture without an instant is waited for until it is %s', async (until) => {
  const log: string[] = [];
  const gate = gateWith(log);
  // One is called at the moment, the other prepares itself and asks for it.
  const called = turnWithin(gate, gate.join(member('called', false)), until);
  const asking = turnWithin(gate, gate.join(member('asking', true)), until);
  const after = turnAfter(gate).capture.start();
  await asking.capture.start();
  gate.complete();
  const [, { held }] = await Promise.all([called.capture.start(), asking.capture.moment.begin()]);
  expect(held).toBe(true);
  asking.capture.moment.reached({ kind: 'interval' });
  await turnsOver();
  expect(log).toEqual(until === 'begun' ? ['hold', 'release'] : ['hold']);
  called.capture.end(true);
  asking.capture.end(true);
  await after;
  expect(gate.outcome('a').barrier.within).toEqual(['x/called', 'x/asking']);
});

it('is not held for more resources than can begin together', async () => {
  const log: string[] = [];
  const gate = gateWith(log);
  const turns = Array.from({ length: 101 }, (_, i) => turnWithin(gate, gate.join(member(String(i), false)), 'begun'));
  gate.complete();
  const started = await Promise.allSettled(turns.map(async ({ capture }) => await capture.start()));
  expect(started.every(({ status }) => status === 'rejected')).toBe(true);
  expect((started[0] as PromiseRejectedResult).reason).toMatchObject({
    code: 'barrier.failed',
    message: 'barrier one: its sources have 101 resources; at most 100 can begin together',
  });
  expect(log).toEqual([]);
});
