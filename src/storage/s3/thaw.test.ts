import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { systemRuntime as runtime } from '../../kernel/runtime.ts';
import type { ObjectStore, ThawCapability } from '../contract.ts';
import { listed } from '../suite/expect.ts';
import { openS3Store } from './index.ts';
import { stateOf } from './thaw.ts';

let moto: Emulator;
let store: ObjectStore;
let archive: ThawCapability;
let restore: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restore = useEndpoints({ all: moto.endpoint });
  const client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'cold' }));
  client.destroy();
  store = await openS3Store({ bucket: 'cold', prefix: 'p', runtime });
  if (!store.capabilities.archive) throw new Error('an S3 store without an archive');
  ({ archive } = store.capabilities);
});
beforeEach(() => transition({ progression: 'immediate' }));
afterAll(async () => {
  restore();
  await store.close();
  await moto.stop();
});

/** Moto restores at once unless it is told to be asked some times first. It keeps no hours, and no tier takes longer. */
async function transition(how: object): Promise<void> {
  const answer = await fetch(`${moto.endpoint}/moto-api/state-manager/set-transition`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model_name: 's3::keyrestore', transition: how }),
  });
  expect(answer.status).toBe(201);
}

async function frozen(key: string, storageClass = 'GLACIER'): Promise<string> {
  await store.put(key, [utf8('cold')], { storageClass });
  return key;
}

describe('archived objects in a bucket', () => {
  it.each(['GLACIER', 'DEEP_ARCHIVE'])('of class %s are refused, thawed, and read', async (storageClass) => {
    const key = await frozen(`a/${storageClass.toLowerCase()}`, storageClass);
    await expect(store.get(key)).rejects.toMatchObject({ code: 'storage.frozen', resource: key });
    expect(await store.stat(key)).toMatchObject({ storageClass, size: 4 });
    expect(await archive.thawState(key)).toEqual({ state: 'frozen' });
    await archive.thaw(key, { days: 3, tier: 'bulk' });
    const state = await archive.thawState(key);
    expect(state.state).toBe('thawed');
    expect(((state.until ?? 0) - runtime.clock.now()) / 86_400_000).toBeGreaterThan(2);
    expect(asBuffer(await store.get(key)).toString()).toBe('cold');
  });

  it('on their way say so, and asking again is no error', async () => {
    await transition({ progression: 'manual', times: 5 });
    const key = await frozen('b/slow');
    await archive.thaw(key, { days: 1, tier: 'standard' });
    expect(await archive.thawState(key)).toEqual({ state: 'thawing' });
    await archive.thaw(key, { days: 1, tier: 'standard' });
    await expect(store.get(key)).rejects.toMatchObject({ code: 'storage.frozen' });
  });

  it('of classes without an archive are readable, and the listing tells every class', async () => {
    for (const storageClass of ['STANDARD', 'STANDARD_IA', 'GLACIER_IR', 'INTELLIGENT_TIERING', 'GLACIER'])
      await frozen(`c/${storageClass.toLowerCase().replaceAll('_', '-')}`, storageClass);
    const classes = (await listed(store, 'c/')).map((object) => object.storageClass);
    expect(classes).toEqual(['GLACIER', 'GLACIER_IR', 'INTELLIGENT_TIERING', undefined, 'STANDARD_IA']);
    expect(await archive.thawState('c/standard-ia')).toEqual({ state: 'readable' });
    await archive.thaw('c/standard-ia', { days: 1, tier: 'bulk' });
    expect(await archive.thawState('c/intelligent-tiering')).toEqual({ state: 'readable' });
  });

  it('have no expedited way out of Deep Archive, and none that are not there', async () => {
    const key = await frozen('d/deep', 'DEEP_ARCHIVE');
    const asked = archive.thaw(key, { days: 1, tier: 'expedited' });
    await expect(asked).rejects.toMatchObject({ code: 'storage.unsupported' });
    await expect(archive.thawState('d/none')).rejects.toMatchObject({ code: 'storage.not-found' });
    await expect(archive.thaw('d/none', { days: 1, tier: 'bulk' })).rejects.toMatchObject({
      code: 'storage.not-found',
    });
  });
});

describe('x-amz-restore', () => {
  it.each([
    [{ StorageClass: 'GLACIER' }, { state: 'frozen' }],
    [{ StorageClass: 'GLACIER', Restore: 'ongoing-request="true"' }, { state: 'thawing' }],
    [
      { StorageClass: 'DEEP_ARCHIVE', Restore: 'ongoing-request="false", expiry-date="Fri, 25 Dec 2026 00:00:00 GMT"' },
      { state: 'thawed', until: Date.UTC(2026, 11, 25) },
    ],
    [{ StorageClass: 'INTELLIGENT_TIERING' }, { state: 'readable' }],
    [{ StorageClass: 'INTELLIGENT_TIERING', ArchiveStatus: 'DEEP_ARCHIVE_ACCESS' }, { state: 'frozen' }],
    [
      { StorageClass: 'INTELLIGENT_TIERING', ArchiveStatus: 'ARCHIVE_ACCESS', Restore: 'ongoing-request="true"' },
      { state: 'thawing' },
    ],
    [{}, { state: 'readable' }],
  ] as const)('of %o', (head, state) => {
    expect(stateOf(head)).toEqual(state);
  });
});
