import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAwsScript, startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { heldUndo, type HeldUndo } from '../undo-for-test.ts';
import { testClient } from './seed-for-test.ts';
import { harm, makeBucket, names, restore, shownBy, withoutFailures } from './undo-for-test.ts';

let moto: Emulator;
let s3: S3Client;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  s3 = testClient();
}, 120_000);
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function takeBack(undo: HeldUndo): Promise<void> {
  const files = new Map([...undo.files].map(([ending, content]) => [`resource${ending}`, content]));
  for (const name of files.keys()) {
    if (!name.endsWith('.sh')) continue;
    expect(await runAwsScript(moto.endpoint, files, name)).toEqual({ status: 0, said: '' });
  }
}

describe.each([
  ['a bucket that keeps versions', true, ['revert-changed', 'exact']],
  ['a bucket that keeps none', false, ['exact']],
] as const)('%s', (_, versioned, modes) => {
  it('has every restore of a tenant taken back by the AWS CLI', { timeout: 200_000 }, async () => {
    const bucket = versioned ? 'acme-kept' : 'acme-plain';
    const captured = await makeBucket(s3, bucket, versioned);
    for (const mode of modes) {
      const acts = [0, 1, 2, 3, 4, 5, 3];
      await harm(
        s3,
        bucket,
        names.map((name, i) => ({ act: acts[i] ?? 0, name, n: i + 1 })),
      );
      const before = await shownBy(s3, bucket);
      const undo = heldUndo();
      withoutFailures(await restore(captured, mode, undo));
      expect(await shownBy(s3, bucket)).not.toEqual(before);
      await takeBack(undo);
      expect(await shownBy(s3, bucket)).toEqual(before);
    }
  });
});

it('goes on where an object cannot be put back, names it, and ends with 1', { timeout: 60_000 }, async () => {
  const captured = await makeBucket(s3, 'acme-lost', false);
  await harm(
    s3,
    'acme-lost',
    [names[0] ?? '', names[1] ?? ''].map((name) => ({ act: 1, name, n: 1 })),
  );
  const before = await shownBy(s3, 'acme-lost');
  const undo = heldUndo();
  withoutFailures(await restore(captured, 'exact', undo));
  const files = new Map([...undo.files].map(([ending, content]) => [`resource${ending}`, content]));
  files.delete('resource.put-objects.1');
  const { status, said } = await runAwsScript(moto.endpoint, files, 'resource.put-objects.sh');
  expect(status).toBe(1);
  expect(said).toContain('Not put back:');
  const after = await shownBy(s3, 'acme-lost');
  expect([...before].filter(([key, value]) => after.get(key) !== value)).toHaveLength(1);
});
