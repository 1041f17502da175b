import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../test/cleanups.ts';
import { startMinistack, startMoto, useEndpoints } from '../../test/emulators/index.ts';
import { captureAll, conformanceContext } from './conformance.ts';
import type { MemoryResource } from './conformance-memory.ts';
import type { Connector, PlannedAction } from './contract.ts';
import { connector as iam } from './iam/index.ts';
import { connector as lambda } from './lambda-functions/index.ts';
import { connector as route53 } from './route53/index.ts';
import type { Creation } from './quotas.ts';

const region = 'us-east-1';
const cleanups = cleanedUpAfterAll();

async function seeded<O>(connector: Connector<O>, options: O): Promise<Map<string, MemoryResource>> {
  return await captureAll(connector, conformanceContext(options, region, connector.scope).context);
}

function creation({ captured }: MemoryResource, operation: string, bytes = 0): Creation {
  const action = {
    id: 'x',
    resource: captured.ref,
    operation,
    title: '',
    effect: 'create',
    dependsOn: [],
    input: null,
  };
  return { action: { ...action, bytes } as PlannedAction, captured };
}

async function counted<O>(connector: Connector<O>, options: O, creations: Creation[]): Promise<unknown> {
  const { context, calls } = conformanceContext(options, region, connector.scope);
  const uses = await connector.live?.quotas?.(context, creations);
  const declared = new Set(connector.calls.restore.map(({ api, operation }) => `${api}:${operation}`));
  expect(calls.map(({ api, operation }) => `${api}:${operation}`).filter((one) => !declared.has(one))).toEqual([]);
  return uses;
}

const asked = (service: string, code: string) => ({ service, code, region, adjustable: true });

it('IAM counts roles and policies against those of the account (moto)', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const { IAM } = await import('@aws-sdk/client-iam');
  await new IAM({ region }).createRole({ RoleName: 'app', AssumeRolePolicyDocument: '{"Statement":[]}' });
  const role = (await seeded(iam, {})).get('role.app');
  if (!role) throw new Error('the role was not found');
  expect(await counted(iam, {}, [creation(role, 'create'), creation(role, 'write')])).toEqual([
    { what: 'IAM roles', needed: 1, used: 1, limit: 1000, ask: asked('iam', 'L-FE177D64') },
  ]);
});

it('Lambda counts bytes of code and what may be reserved (MiniStack)', async () => {
  const ministack = await startMinistack();
  cleanups.push(() => ministack.stop(), useEndpoints({ all: ministack.endpoint }));
  const { Lambda } = await import('@aws-sdk/client-lambda');
  const client = new Lambda({ region });
  await client.createFunction({
    FunctionName: 'app',
    Role: 'arn:aws:iam::123456789012:role/app',
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code: { ZipFile: Buffer.from('code') },
  });
  await client.putFunctionConcurrency({ FunctionName: 'app', ReservedConcurrentExecutions: 40 });
  const app = (await seeded(lambda, {})).get('app');
  if (!app) throw new Error('the function was not found');
  expect(await counted(lambda, {}, [creation(app, 'create-function', 7_000)])).toEqual([
    { what: 'bytes of Lambda code', needed: 7_000, used: 4, limit: 80_530_636_800 },
    { what: 'reserved concurrent executions of Lambda', needed: 40, used: 40, limit: 900 },
  ]);
});

it('Route 53 asks for the limits of what would be created (a stand-in of ours)', async () => {
  const server = createServer((_, response) => {
    const Limit = '<Limit><Type>MAX_HOSTED_ZONES_BY_OWNER</Type><Value>500</Value></Limit>';
    response.end(`<GetAccountLimitResponse>${Limit}<Count>12</Count></GetAccountLimitResponse>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  cleanups.push(() => server.close(), useEndpoints({ all: `http://127.0.0.1:${port}` }));
  const zone = { captured: { ref: {} } } as MemoryResource;
  const options = {} as never;
  expect(await counted(route53, options, [creation(zone, 'create-zone'), creation(zone, 'create-zone')])).toEqual([
    { what: 'Route 53 zones', needed: 2, used: 12, limit: 500, ask: asked('route53', 'L-4EA4796A') },
  ]);
  expect(await counted(route53, options, [creation(zone, 'set-tags')])).toEqual([]);
});
