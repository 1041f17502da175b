import { Lambda } from '@aws-sdk/client-lambda';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { startMinistack, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const region = 'us-east-1';
const account = '123456789012';
const role = `arn:aws:iam::${account}:role/worker`;
const queue = `arn:aws:sqs:${region}:${account}:jobs`;
const stream = `arn:aws:dynamodb:${region}:${account}:table/carts/stream/2026-01-01T00:00:00.000`;
const secret = 'hunter2-planted-in-the-environment';
let emulator: Emulator;
let putBack: () => void;
let lambda: Lambda;

beforeAll(async () => {
  emulator = await startMinistack();
  putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { lambda: emulator.endpoint } });
  lambda = new Lambda({ region });
});
afterAll(async () => {
  putBack();
  await emulator.stop();
});

/** The bytes are any: Lambda's API is asked for what it stored, nothing runs. */
function code(text: string): Uint8Array {
  return Buffer.from(`code of ${text}`);
}

async function createFunction(name: string, more: object = {}): Promise<void> {
  await lambda.createFunction({
    FunctionName: name,
    Role: role,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code: { ZipFile: code(name) },
    Environment: { Variables: { TOKEN: secret, STAGE: 'prod' } },
    ...more,
  });
}

/** A function with every kind of sub-resource the emulator has. */
async function seedEverything(name: string): Promise<void> {
  const layer = await lambda.publishLayerVersion({
    LayerName: `${name}-shared`,
    Description: 'fonts',
    Content: { ZipFile: code(`layer of ${name}`) },
    CompatibleRuntimes: ['nodejs20.x'],
  });
  await lambda.addLayerVersionPermission({
    LayerName: `${name}-shared`,
    VersionNumber: 1,
    StatementId: 'partner',
    Action: 'lambda:GetLayerVersion',
    Principal: '210987654321',
  });
  const Layers = [layer.LayerVersionArn ?? ''];
  await createFunction(name, { Layers, MemorySize: 256, Timeout: 30, Tags: { site: 'acme', stage: 'prod' } });
  await lambda.publishVersion({ FunctionName: name, Description: 'first' });
  await lambda.updateFunctionConfiguration({ FunctionName: name, MemorySize: 512 });
  await lambda.publishVersion({ FunctionName: name });
  await lambda.createAlias({
    FunctionName: name,
    Name: 'live',
    FunctionVersion: '1',
    Description: 'what customers use',
  });
  await lambda.createAlias({
    FunctionName: name,
    Name: 'canary',
    FunctionVersion: '2',
    RoutingConfig: { AdditionalVersionWeights: { '1': 0.25 } },
  });
  const grant = { FunctionName: name, Action: 'lambda:InvokeFunction' };
  await lambda.addPermission({
    ...grant,
    StatementId: 's3',
    Principal: 's3.amazonaws.com',
    SourceArn: 'arn:aws:s3:::in',
  });
  await lambda.addPermission({ ...grant, StatementId: 'partner', Principal: '210987654321', Qualifier: 'live' });
  await lambda.addPermission({
    ...grant,
    StatementId: 'open',
    Principal: '*',
    FunctionUrlAuthType: 'NONE',
    Action: 'lambda:InvokeFunctionUrl',
  });
  await lambda.createFunctionUrlConfig({ FunctionName: name, AuthType: 'NONE', Cors: { AllowOrigins: ['*'] } });
  await lambda.putFunctionConcurrency({ FunctionName: name, ReservedConcurrentExecutions: 3 });
  await lambda.putFunctionRecursionConfig({ FunctionName: name, RecursiveLoop: 'Allow' });
  await lambda.putFunctionEventInvokeConfig({ FunctionName: name, Qualifier: 'live', MaximumRetryAttempts: 1 });
  await lambda.createEventSourceMapping({ FunctionName: name, EventSourceArn: `${queue}-${name}`, BatchSize: 5 });
  await lambda.createEventSourceMapping({
    FunctionName: `${name}:live`,
    EventSourceArn: stream,
    StartingPosition: 'LATEST',
    Enabled: false,
  });
}

/** The functions as AWS tells them, without what is new after each creation; by SDK calls of its own. */
async function readBack(where: string): Promise<unknown> {
  const there = new Lambda({ region: where });
  const functions = (await there.listFunctions({})).Functions ?? [];
  const all: Record<string, unknown> = {};
  for (const { FunctionName = '', FunctionArn } of functions) {
    const on = { FunctionName };
    const { Code, Configuration, Tags, Concurrency } = await there.getFunction(on);
    const bytes = new Uint8Array(await (await fetch(Code?.Location ?? '')).arrayBuffer());
    const { Versions = [] } = await there.listVersionsByFunction(on);
    const { EventSourceMappings = [] } = await there.listEventSourceMappings(on);
    const urls = (await there.listFunctionUrlConfigs(on)).FunctionUrlConfigs ?? [];
    const { Policy = '{}' } = await there.getPolicy(on);
    all[FunctionName] = {
      code: createHash('sha256').update(bytes).digest('hex'),
      configurations: Versions.map((v) => [
        v.Version,
        v.CodeSha256,
        v.MemorySize,
        v.Timeout,
        v.Description,
        v.Role,
        v.Environment?.Variables ?? {},
        v.Layers?.map(({ Arn }) => Arn?.replace(/:\d+$/, '')),
      ]),
      layersExist: await Promise.all(
        (Configuration?.Layers ?? []).map(
          async ({ Arn }) => (await there.getLayerVersionByArn({ Arn })).Content?.CodeSha256,
        ),
      ),
      aliases: (await there.listAliases(on)).Aliases?.map((alias) => ({ ...alias, RevisionId: undefined })).sort(
        (a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1),
      ),
      policy: ((JSON.parse(Policy) as { Statement?: { Sid: string }[] }).Statement ?? []).sort((a, b) =>
        a.Sid < b.Sid ? -1 : 1,
      ),
      urls: urls.map(({ AuthType, Cors, InvokeMode }) => ({ AuthType, Cors, InvokeMode })),
      asynchronous: (await there.listFunctionEventInvokeConfigs(on)).FunctionEventInvokeConfigs?.map((config) => ({
        ...config,
        LastModified: undefined,
      })),
      recursion: (await there.getFunctionRecursionConfig(on)).RecursiveLoop,
      tags: [Tags, (await there.listTags({ Resource: FunctionArn })).Tags],
      concurrency: Concurrency,
      mappings: EventSourceMappings.map((m) =>
        [m.FunctionArn, m.EventSourceArn, m.BatchSize, m.State, m.StartingPosition].join(' '),
      ).sort((a, b) => (a < b ? -1 : 1)),
    };
  }
  return all;
}

/** As AWS does; the emulator would keep the URL of a deleted function. */
async function deleteFunction(name: string): Promise<void> {
  const urls = (await lambda.listFunctionUrlConfigs({ FunctionName: name })).FunctionUrlConfigs ?? [];
  if (urls.length > 0) await lambda.deleteFunctionUrlConfig({ FunctionName: name });
  await lambda.deleteFunction({ FunctionName: name });
}

async function damage(): Promise<void> {
  await deleteFunction('api');
  const { EventSourceMappings = [] } = await lambda.listEventSourceMappings({ FunctionName: 'api' });
  await lambda.deleteEventSourceMapping({ UUID: EventSourceMappings[0]?.UUID });
  await lambda.deleteLayerVersion({ LayerName: 'api-shared', VersionNumber: 1 });

  await lambda.updateFunctionCode({ FunctionName: 'worker', ZipFile: code('an attacker') });
  await lambda.updateFunctionConfiguration({
    FunctionName: 'worker',
    Timeout: 900,
    Environment: { Variables: { TOKEN: 'changed', EXTRA: 'x' } },
  });
  await lambda.publishVersion({ FunctionName: 'worker' });
  await lambda.updateAlias({ FunctionName: 'worker', Name: 'live', FunctionVersion: '3' });
  await lambda.deleteAlias({ FunctionName: 'worker', Name: 'canary' });
  await lambda.createAlias({ FunctionName: 'worker', Name: 'backdoor', FunctionVersion: '3' });
  const grant = { FunctionName: 'worker', Action: 'lambda:InvokeFunction' };
  await lambda.addPermission({ ...grant, StatementId: 'evil', Principal: '999999999999' });
  await lambda.removePermission({ FunctionName: 'worker', StatementId: 's3' });
  await lambda.addPermission({ ...grant, StatementId: 's3', Principal: 's3.amazonaws.com' });
  await lambda.putFunctionConcurrency({ FunctionName: 'worker', ReservedConcurrentExecutions: 0 });
  await lambda.deleteFunctionUrlConfig({ FunctionName: 'worker' });
  await lambda.untagResource({ Resource: `arn:aws:lambda:${region}:${account}:function:worker`, TagKeys: ['site'] });
  for (const { UUID } of (await lambda.listEventSourceMappings({ FunctionName: 'worker' })).EventSourceMappings ?? [])
    await lambda.updateEventSourceMapping({ UUID, BatchSize: 1, Enabled: true });
}

describeConnector('lambda-functions', async () => ({
  connector,
  options: {},
  region,
  otherRegion: 'eu-west-1',
  servedBy: 'MiniStack',
  unverified: ['provisioned concurrency, runtime management and code signing: MiniStack lacks them'],
  seed: async () => {
    await seedEverything('api');
    await seedEverything('worker');
    await createFunction('plain', { Environment: undefined });
  },
  readBack,
  damage,
}));
