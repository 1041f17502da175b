import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import type { DynamoOptions } from './options.ts';

export const region = 'us-east-1';

export interface UsedMoto {
  readonly client: DynamoDB;
  readonly moto: Emulator;
  /** Ended after the last test, in the opposite order. */
  later(end: () => unknown): void;
}

/** DynamoDB on a moto of its own while the tests of a file run: `prepare` is given what asks it. */
export function useMoto(prepare: (used: UsedMoto) => unknown): void {
  const ends: (() => unknown)[] = [];
  const later = (end: () => unknown): void => void ends.push(end);
  beforeAll(async () => {
    const moto = await startMoto();
    later(() => moto.stop());
    later(useEndpoints({ all: moto.endpoint }));
    const client = new DynamoDB({ region });
    later(() => client.destroy());
    await prepare({ client, moto, later });
  }, 60_000);
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
}

export async function planOf(
  { captured }: MemoryResource,
  context: RestoreContext<DynamoOptions>,
): Promise<PlannedAction[]> {
  return (await connector.live?.plan(context, captured)) ?? [];
}

export async function applyAll(
  { captured }: MemoryResource,
  context: RestoreContext<DynamoOptions>,
  actions: readonly PlannedAction[],
): Promise<(ActionOutcome | undefined)[]> {
  const outcomes: (ActionOutcome | undefined)[] = [];
  for (const action of actions) outcomes.push(await connector.live?.apply(context, action, captured));
  return outcomes;
}
