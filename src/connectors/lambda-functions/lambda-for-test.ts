import { Lambda } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll } from 'vitest';
import { startFaultProxy, startMinistack, useEndpoints } from '../../../test/emulators/index.ts';
import type { Emulator, FaultProxy } from '../../../test/emulators/index.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { captureAll, conformanceContext } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import type { LambdaOptions } from './options.ts';

export const region = 'us-east-1';
export const role = 'arn:aws:iam::123456789012:role/worker';
export const secret = 'hunter2-planted-in-the-environment';

export interface UsedLambda {
  readonly lambda: Lambda;
  readonly proxy: FaultProxy;
}

/** Lambda on MiniStack, behind a proxy with faults, while the tests of a file run: `take` is given what asks it. */
export function useLambda(take: (used: UsedLambda) => void): void {
  let emulator: Emulator;
  let proxy: FaultProxy;
  let putBack: () => void;
  beforeAll(async () => {
    emulator = await startMinistack();
    proxy = await startFaultProxy(emulator.endpoint);
    putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { lambda: proxy.endpoint } });
    take({ lambda: new Lambda({ region }), proxy });
  });
  afterAll(async () => {
    putBack();
    await proxy.stop();
    await emulator.stop();
  });
}

export async function createFunction(lambda: Lambda, name: string, more: object = {}): Promise<void> {
  await lambda.createFunction({
    FunctionName: name,
    Role: role,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code: { ZipFile: utf8(`code of ${name}`) },
    Environment: { Variables: { TOKEN: secret, STAGE: 'prod' } },
    ...more,
  });
}

export function contextWith(change: Partial<RestoreContext<LambdaOptions>>): RestoreContext<LambdaOptions> {
  return { ...conformanceContext<LambdaOptions>({}, region, 'regional').context, ...change };
}

export async function captured(name: string): Promise<MemoryResource> {
  const resource = (await captureAll(connector, contextWith({}))).get(name);
  if (!resource) throw new Error(`${name} was not discovered`);
  return resource;
}

export async function plan(
  resource: MemoryResource,
  change: Partial<RestoreContext<LambdaOptions>> = {},
): Promise<PlannedAction[]> {
  return (await connector.live?.plan(contextWith(change), resource.captured)) ?? [];
}

export async function apply(
  resource: MemoryResource,
  actions: readonly PlannedAction[],
  change: Partial<RestoreContext<LambdaOptions>> = {},
): Promise<ActionOutcome[]> {
  const outcomes: ActionOutcome[] = [];
  for (const action of actions) {
    const outcome = await connector.live?.apply(contextWith(change), action, resource.captured);
    if (outcome) outcomes.push(outcome);
  }
  return outcomes;
}

export function idsOf(actions: readonly PlannedAction[]): string[] {
  return actions.map(({ id }) => id.replace(/^lambda-functions\/[^/]+\//, ''));
}
