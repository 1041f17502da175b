import type { RDS } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { Scene } from '../documents/contract.ts';
import { available, type Standing } from './from-point.ts';

describe('waiting for a database', () => {
  const runtime = simulatedRuntime(2);
  const told: string[] = [];
  const scene = {
    runtime,
    signal: new AbortController().signal,
    events: (event: { type: string; message?: string }) => told.push(event.message ?? ''),
  } as unknown as Scene<RDS>;
  const statesOf = (...states: readonly (Standing | undefined)[]) => {
    let at = 0;
    return async () => await Promise.resolve(states[Math.min(at++, states.length - 1)]);
  };

  it('ends when it is available and nothing is pending, and tells how it goes', async () => {
    const [creating, changing, done] = [
      { status: 'creating', isChanging: false },
      { status: 'available', isChanging: true },
      { status: 'available', isChanging: false },
    ];
    await available(scene, 'rds/instances/shop', statesOf(undefined, creating, changing, done));
    expect(told.join('\n')).toContain('rds/instances/shop is creating');
  });

  it('ends with an error where it does not come by itself, or takes too long', async () => {
    const failed = statesOf({ status: 'incompatible-network', isChanging: false });
    await expect(available(scene, 'x', failed)).rejects.toMatchObject({ code: 'item.invalid' });
    const forever = statesOf({ status: 'creating', isChanging: false });
    await expect(available(scene, 'x', forever)).rejects.toMatchObject({
      code: 'item.unavailable',
      hint: expect.stringContaining('same restore again') as unknown,
    });
  });
});
