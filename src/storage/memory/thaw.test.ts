import { describe, expect, it } from 'vitest';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import type { ThawTier } from '../contract.ts';
import { createMemoryStore } from './index.ts';

const hour = 3_600_000;

function scene() {
  const runtime = simulatedRuntime(1);
  const store = createMemoryStore({ runtime });
  const { archive } = store.capabilities;
  if (!archive) throw new Error('no archive');
  return { runtime, store, archive };
}

describe('archived objects in memory', () => {
  it.each<readonly [string, ThawTier, number]>([
    ['GLACIER', 'bulk', 12],
    ['GLACIER', 'standard', 5],
    ['DEEP_ARCHIVE', 'bulk', 48],
    ['DEEP_ARCHIVE', 'standard', 12],
  ])('of %s thaw by %s in %i hours, for their days', async (storageClass, tier, hours) => {
    const { runtime, store, archive } = scene();
    await store.put('k', [utf8('cold')], { storageClass });
    await expect(store.get('k')).rejects.toMatchObject({ code: 'storage.frozen' });
    await expect(store.get('k', { offset: 0, length: 1 })).rejects.toMatchObject({ code: 'storage.frozen' });
    await archive.thaw('k', { days: 2, tier });
    await runtime.clock.sleep(hours * hour - 1);
    expect(await archive.thawState('k')).toEqual({ state: 'thawing' });
    await expect(store.get('k')).rejects.toMatchObject({ code: 'storage.frozen' });
    // Asking again while it is on its way does not begin anew.
    await archive.thaw('k', { days: 2, tier });
    await runtime.clock.sleep(1);
    expect(asBuffer(await store.get('k')).toString()).toBe('cold');
    await runtime.clock.sleep(24 * hour);
    await archive.thaw('k', { days: 2, tier });
    await runtime.clock.sleep(48 * hour - 1);
    expect((await archive.thawState('k')).state).toBe('thawed');
    await runtime.clock.sleep(1);
    await expect(store.get('k')).rejects.toMatchObject({ code: 'storage.frozen' });
  });

  it('refuse a tier their class does not have', async () => {
    const { store, archive } = scene();
    await store.put('k', [utf8('cold')], { storageClass: 'DEEP_ARCHIVE' });
    await expect(archive.thaw('k', { days: 1, tier: 'expedited' })).rejects.toMatchObject({
      code: 'storage.unsupported',
    });
  });

  it('are listed and deleted like all others', async () => {
    const { store } = scene();
    await store.put('k', [utf8('cold')], { storageClass: 'GLACIER' });
    expect(await store.stat('k')).toMatchObject({ size: 4, storageClass: 'GLACIER' });
    await store.delete('k');
    expect(await store.stat('k')).toBeUndefined();
  });
});
