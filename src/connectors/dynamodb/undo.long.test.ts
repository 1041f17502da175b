import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { startStingyProxy } from '../../../test/dynamodb/stingy-proxy.ts';
import { runAwsScript, type Emulator } from '../../../test/emulators/index.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { heldUndo, type HeldUndo } from '../undo-for-test.ts';
import { useMoto } from './moto-for-test.ts';
import { captured } from './tables-for-test.ts';
import { allCarts, harm, makeCarts, restore, seedCarts, TableName } from './undo-for-test.ts';

let client: DynamoDB;
let moto: Emulator;
let resource: MemoryResource;
useMoto(async (used) => {
  ({ client, moto } = used);
  await makeCarts(client);
  await seedCarts(client);
  resource = await captured(TableName);
});

async function run(undo: HeldUndo, endpoint: string) {
  const files = new Map([...undo.files].map(([ending, content]) => [`resource${ending}`, content]));
  const results = [];
  for (const name of files.keys()) results.push(await runAwsScript(endpoint, files, name));
  return results;
}

it(
  'the AWS CLI takes a restore back, also where DynamoDB leaves a part of each call for later',
  { timeout: 200_000 },
  async () => {
    const stingy = await startStingyProxy(moto.endpoint);
    try {
      for (const endpoint of [moto.endpoint, stingy.endpoint]) {
        await seedCarts(client);
        await harm(
          client,
          Array.from({ length: 29 }, (_, n) => ({ act: n % 4, n })),
          false,
        );
        const before = await allCarts(client);
        const undo = heldUndo();
        await restore(resource, 'exact', undo);
        expect(await allCarts(client)).not.toEqual(before);
        for (const result of await run(undo, endpoint)) expect(result).toEqual({ status: 0, said: '' });
        expect(await allCarts(client)).toEqual(before);
      }
    } finally {
      await stingy.stop();
    }
  },
);

it('version 1 of the AWS CLI, which cannot write binary values, is told so', { timeout: 60_000 }, async () => {
  await seedCarts(client);
  await harm(client, [{ act: 2, n: 1 }], true);
  const undo = heldUndo();
  await restore(resource, 'exact', undo);
  const restored = await allCarts(client);
  const [result] = await run(undo, moto.endpoint);
  expect(result?.status).toBe(1);
  expect(result?.said).toContain('install version 2');
  expect(await allCarts(client)).toEqual(restored);
});
