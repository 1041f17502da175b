import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startMinistack, startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../contract.ts';
import { openDirectoryStore } from '../directory/index.ts';
import { createMemoryStore } from '../memory/index.ts';
import { createVersionedMemoryStore } from '../memory/versioned.ts';
import { openS3Store } from '../s3/index.ts';
import { removeBelow } from './cleanup.ts';
import { probeClock } from './clock.ts';
import type { Finding } from './contract.ts';
import { probeLock } from './lock.ts';
import { load, shared, toolsFor } from './probe-for-test.ts';
import { probeStorageClass } from './storage-class.ts';

const outcomes = (found: Record<string, Finding>): Record<string, string> =>
  Object.fromEntries(Object.values(found).map(({ name, outcome }) => [name, outcome]));

const allOk = {
  'conditional create': 'ok',
  'write-once': 'ok',
  'read after write': 'ok',
  'list after write': 'ok',
  delete: 'ok',
  durability: 'ok',
  answers: 'ok',
};

describe('the probe finds nothing wrong', () => {
  let moto: Emulator;
  let ministack: Emulator;
  let restore: () => void;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-probe-'));

  beforeAll(async () => {
    [moto, ministack] = await Promise.all([startMoto(), startMinistack()]);
    restore = useEndpoints({ all: moto.endpoint });
    for (const { endpoint } of [moto, ministack]) {
      const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: 'plain' }));
      await client.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
      client.destroy();
    }
  });
  afterAll(async () => {
    restore();
    rmSync(folder, { recursive: true, force: true });
    await Promise.all([moto.stop(), ministack.stop()]);
  });

  const bucket = (name: string, on: () => Emulator) => async (): Promise<ObjectStore> =>
    await openS3Store({ bucket: name, prefix: 'p', endpoint: on().endpoint, runtime: systemRuntime });

  it.each<readonly [string, () => Promise<ObjectStore>]>([
    ['a directory', async () => await openDirectoryStore({ path: folder, runtime: systemRuntime })],
    ['moto', bucket('plain', () => moto)],
    ['MiniStack', bucket('plain', () => ministack)],
  ])('in %s', async (_name, open) => {
    const store = await open();
    const tools = toolsFor(store, open);
    const found = await load(tools, 1);
    // On a busy machine a second may be too short to try everything.
    expect(Object.values(found).filter(({ outcome, said }) => outcome !== 'ok' && said !== 'not tried')).toEqual([]);
    expect(found['conditional create']?.outcome).toBe('ok');
    expect(await probeClock(tools)).toMatchObject({ outcome: 'ok' });
    await removeBelow(store, tools.prefix);
    await store.close();
  });

  it('in memory, with and without versions, and leaves no version behind', async () => {
    const plain = createMemoryStore({ runtime: systemRuntime });
    expect(outcomes(await load(shared(plain)))).toEqual(allOk);
    const versioned = createVersionedMemoryStore({ runtime: systemRuntime });
    expect(outcomes(await load(shared(versioned)))).toEqual(allOk);
    for await (const { key } of versioned.capabilities.history?.list('') ?? []) expect(key).toBeUndefined();
  });

  it.each(['moto', 'MiniStack'])('with the locks of %s', async (name) => {
    const store = await bucket('locked', () => (name === 'moto' ? moto : ministack))();
    const tools = toolsFor(store, async () => store);
    expect(await probeLock(tools)).toMatchObject({ outcome: 'ok' });
    expect((await removeBelow(store, tools.prefix))?.objects).toBeGreaterThan(0);
    await store.close();
  });

  it('with storage classes on moto', async () => {
    const store = await bucket('plain', () => moto)();
    const tools = toolsFor(store, async () => store);
    for (const name of ['STANDARD', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE', 'INTELLIGENT_TIERING'])
      expect(await probeStorageClass(tools, name)).toMatchObject({ outcome: 'ok' });
    await store.close();
  });

  it('but that MiniStack lets archived objects be read', async () => {
    const store = await bucket('plain', () => ministack)();
    const found = await probeStorageClass(
      toolsFor(store, async () => store),
      'GLACIER',
    );
    expect(found.outcome).toBe('warn');
    await store.close();
  });
});
