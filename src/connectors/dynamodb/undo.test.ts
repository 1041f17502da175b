import type { DynamoDB, WriteRequest } from '@aws-sdk/client-dynamodb';
import { array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { expect, it } from 'vitest';
import { callsOf } from '../../../test/emulators/index.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { UndoFile } from '../contract.ts';
import { heldUndo, refusedUndo, type HeldUndo } from '../undo-for-test.ts';
import { itemFromJson } from './item-json.ts';
import { useMoto } from './moto-for-test.ts';
import { captured } from './tables-for-test.ts';
import { allCarts, harm, makeCarts, restore, seedCarts, TableName } from './undo-for-test.ts';

let client: DynamoDB;
let resource: MemoryResource;
useMoto(async (used) => {
  ({ client } = used);
  await makeCarts(client);
  await seedCarts(client);
  resource = await captured(TableName);
});

/** What the script hands to the AWS CLI, sent by the SDK: the long test runs the script itself. */
async function takeBack(undo: HeldUndo): Promise<void> {
  for (const script of undo.files.values()) {
    for (const { command, input } of callsOf(script.toString('ascii'))) {
      expect(command).toBe('send');
      const requests = (input as Record<string, Record<string, Record<string, Json>>[]>)[TableName] ?? [];
      expect(requests.length).toBeLessThanOrEqual(25);
      const RequestItems = { [TableName]: requests.map(asRequest) };
      expect((await client.batchWriteItem({ RequestItems })).UnprocessedItems).toEqual({});
    }
  }
}

function asRequest({ PutRequest: put, DeleteRequest: gone }: Record<string, Record<string, Json>>): WriteRequest {
  if (put) return { PutRequest: { Item: { ...itemFromJson(put['Item'] ?? null) } } };
  return { DeleteRequest: { Key: { ...itemFromJson(gone?.['Key'] ?? null) } } };
}

const damage = record({ act: nat(3), n: nat(29) });
const modes = constantFrom('create-missing' as const, 'revert-changed' as const, 'exact' as const);

it('whatever was done, each restore can be taken back, also twice', { timeout: 120_000 }, async () => {
  await assert(
    asyncProperty(modes, array(damage, { minLength: 1, maxLength: 30 }), async (mode, list) => {
      await seedCarts(client);
      await harm(client, list, true);
      const before = await allCarts(client);
      const undo = heldUndo();
      for (const { failures } of await restore(resource, mode, undo)) expect(failures ?? []).toEqual([]);
      for (let times = 0; times < 2; times++) {
        await takeBack(undo);
        expect(await allCarts(client)).toEqual(before);
      }
    }),
    { numRuns: 5, seed: Date.now() % 2 ** 31, endOnFailure: true },
  );
});

it('where it cannot be written nothing is changed', async () => {
  await seedCarts(client);
  await harm(
    client,
    [0, 1, 3].map((act, n) => ({ act, n })),
    true,
  );
  const before = await allCarts(client);
  const full = new HoldfastError('machine.disk-full', 'no space is left');
  await expect(restore(resource, 'exact', refusedUndo(full))).rejects.toBe(full);
  expect(await allCarts(client)).toEqual(before);
});

it('what changes after it was written is left alone, and told', async () => {
  await seedCarts(client);
  await harm(
    client,
    [0, 1, 3, 3].map((act, n) => ({ act, n })),
    false,
  );
  const held = heldUndo();
  const meanwhile: UndoFile = {
    ...held,
    async create(ending, content) {
      const name = await held.create(ending, content);
      const acts = ending.includes('write') ? [1, 1].map((act, n) => ({ act, n: n + 1 })) : [{ act: 3, n: 9 }];
      await harm(client, ending.includes('write') ? [...acts, { act: 0, n: 5 }] : acts, false);
      return name;
    },
  };
  const outcomes = await restore(resource, 'exact', meanwhile);
  const failures = outcomes.flatMap((outcome) => outcome.failures ?? []);
  expect(failures.every(({ code, message }) => code === 'item.changed' && message.includes('left alone'))).toBe(true);
  expect(failures.map(({ resource: key = '' }) => key.slice(key.lastIndexOf('/') + 1)).toSorted()).toEqual([
    'k-2',
    'k-5',
    expect.stringContaining('9'),
  ]);
  const after = await allCarts(client);
  expect(after.filter((item) => item.includes('new ')).length).toBe(1);
});
