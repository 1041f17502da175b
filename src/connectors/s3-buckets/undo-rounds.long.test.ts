import * as sdk from '@aws-sdk/client-s3';
import { array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callsOf, startFaultProxy, startMoto, useEndpoints, type FaultProxy } from '../../../test/emulators/index.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { UndoFile } from '../contract.ts';
import { heldUndo, refusedUndo, type HeldUndo } from '../undo-for-test.ts';
import { put, remove, testClient } from './seed-for-test.ts';
import {
  harm,
  makeBucket,
  names,
  restore,
  seedTenants,
  shownBy,
  tenantPrefix,
  withoutFailures,
} from './undo-for-test.ts';

let proxy: FaultProxy;
let s3: sdk.S3Client;
let kept: CapturedResource;
let plain: CapturedResource;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  const moto = await startMoto();
  proxy = await startFaultProxy(moto.endpoint);
  cleanups.push(
    () => moto.stop(),
    () => proxy.stop(),
    useEndpoints({ all: proxy.endpoint }),
  );
  s3 = testClient();
  [kept, plain] = [await makeBucket(s3, 'kept', true), await makeBucket(s3, 'plain', false)];
}, 60_000);
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** What the script asks the AWS CLI for, asked by the SDK: the long test runs the script itself. */
async function takeBack(undo: HeldUndo): Promise<void> {
  for (const [ending, script] of undo.files) {
    if (!ending.endsWith('.sh')) continue;
    for (const { command, input } of callsOf(script.toString('utf8'))) {
      const fields = input as never;
      const file = /^put 'resource(.*)'$/.exec(command)?.[1];
      if (command === 'delete') await s3.send(new sdk.DeleteObjectsCommand(fields));
      else if (command === 'call delete-object') await s3.send(new sdk.DeleteObjectCommand(fields));
      else if (command === 'call copy-object') await s3.send(new sdk.CopyObjectCommand(copying(fields)));
      else if (file !== undefined) await s3.send(new sdk.PutObjectCommand(putting(fields, undo.files.get(file))));
      else throw new Error(command);
    }
  }
}

/** The SDK wants the source escaped, the CLI escapes it. */
function copying(input: sdk.CopyObjectCommandInput): sdk.CopyObjectCommandInput {
  const [, source = '', version = ''] = /^(.*)\?versionId=(.*)$/s.exec(input.CopySource ?? '') ?? [];
  return { ...input, CopySource: `${encodeURIComponent(source)}?versionId=${version}` };
}

function putting(input: sdk.PutObjectCommandInput, Body: Buffer | undefined): sdk.PutObjectCommandInput {
  if (!Body) throw new Error('its file is not there');
  return { ...input, Body, ...(input.Expires ? { Expires: new Date(input.Expires) } : {}) };
}

const damage = record({ act: nat(5), name: constantFrom(...names), n: nat(9) });

it('whatever was done, each restore can be taken back, also twice', { timeout: 120_000 }, async () => {
  const modes = constantFrom('create-missing' as const, 'revert-changed' as const, 'exact' as const);
  await assert(
    asyncProperty(
      constantFrom('kept', 'plain'),
      modes,
      array(damage, { minLength: 1, maxLength: 8 }),
      async (name, mode, list) => {
        await seedTenants(s3, name);
        await harm(s3, name, list);
        const before = await shownBy(s3, name);
        const undo = heldUndo();
        withoutFailures(await restore(name === 'kept' ? kept : plain, mode, undo));
        for (let times = 0; times < 2; times++) {
          await takeBack(undo);
          expect(await shownBy(s3, name)).toEqual(before);
        }
      },
    ),
    { numRuns: 5, seed: Date.now() % 2 ** 31, endOnFailure: true },
  );
});

it('where it cannot be written nothing is changed', async () => {
  for (const [name, captured] of [
    ['kept', kept],
    ['plain', plain],
  ] as const) {
    await seedTenants(s3, name);
    await remove(s3, name, `${tenantPrefix}a`);
    const before = await shownBy(s3, name);
    const full = new HoldfastError('machine.disk-full', 'no space is left');
    await expect(restore(captured, 'exact', refusedUndo(full))).rejects.toBe(full);
    expect(await shownBy(s3, name)).toEqual(before);
  }
});

it('what changes after it was written is left alone, and told', async () => {
  await seedTenants(s3, 'kept');
  await remove(s3, 'kept', `${tenantPrefix}a`);
  const held = heldUndo();
  const meanwhile: UndoFile = {
    ...held,
    async create(ending, content) {
      const name = await held.create(ending, content);
      await remove(s3, 'kept', `${tenantPrefix}deep/"\\`);
      return name;
    },
  };
  const [outcome] = await restore(kept, 'exact', meanwhile);
  expect(outcome?.failures).toMatchObject([
    { code: 'item.changed', message: expect.stringContaining('left alone') as string },
  ]);
  const after = await shownBy(s3, 'kept');
  expect([after.has(`${tenantPrefix}a`), after.has(`${tenantPrefix}deep/"\\`)]).toEqual([true, false]);
});

it('an object whose bytes cannot be saved is not overwritten', async () => {
  await seedTenants(s3, 'plain');
  await put(s3, 'plain', `${tenantPrefix}a`, 'another text');
  await remove(s3, 'plain', `${tenantPrefix}${names[3] ?? ''}`);
  proxy.addFault({
    kind: 'deny',
    match: ({ method, path }) => method === 'GET' && path.startsWith(`/plain/${tenantPrefix}a`),
  });
  const [outcome] = await restore(plain, 'exact', heldUndo());
  proxy.clearFaults();
  expect(outcome?.failures).toMatchObject([{ code: 'item.denied' }]);
  const answer = await s3.send(new sdk.GetObjectCommand({ Bucket: 'plain', Key: `${tenantPrefix}a` }));
  expect(await answer.Body?.transformToString()).toBe('another text');
  expect((await shownBy(s3, 'plain')).has(tenantPrefix + (names[3] ?? ''))).toBe(true);
});
