import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemClock } from './runtime.ts';
import { sharedSignal } from './signals.ts';

it('is aborted with the reason of the first that is', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const shared = sharedSignal(one.signal, other.signal);
  expect(shared.aborted).toBe(false);
  other.abort('stop');
  expect(shared.reason).toBe('stop');
});

it.each([
  ['one signal', (own: AbortSignal) => sharedSignal(own)],
  ['several', (own: AbortSignal) => sharedSignal(own, new AbortController().signal)],
] as const)('of %s: a hundred pauses at a time are no leak', async (_, share) => {
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  const controller = new AbortController();
  const shared = share(controller.signal);
  const pauses = Array.from({ length: 100 }, () =>
    systemClock.sleep(60_000, shared).catch((reason: unknown) => reason),
  );
  await setImmediate();
  controller.abort('stop');
  expect(new Set(await Promise.all(pauses))).toEqual(new Set(['stop']));
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});
