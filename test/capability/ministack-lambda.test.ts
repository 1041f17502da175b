import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  InvokeCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMinistack, useEndpoints, type Emulator } from '../emulators/index.ts';
import { zipOf } from '../estate/zip.ts';
import { failure } from './failure.ts';

let ministack: Emulator;
let restore: () => void;
let lambda: LambdaClient;

beforeAll(async () => {
  ministack = await startMinistack();
  restore = useEndpoints({ all: ministack.endpoint });
  lambda = new LambdaClient({ maxAttempts: 1 });
});
afterAll(async () => {
  lambda.destroy();
  restore();
  await ministack.stop();
});

function code(answer: string): Buffer {
  return zipOf([
    {
      name: 'index.mjs',
      data: Buffer.from(`export const handler = async () => ({ answer: ${JSON.stringify(answer)} });\n`),
    },
  ]);
}

async function download(location: string | undefined): Promise<Buffer> {
  const answer = await fetch(location ?? '');
  return Buffer.from(await answer.arrayBuffer());
}

async function create(FunctionName: string, answer: string): Promise<void> {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Code: { ZipFile: code(answer) },
      Environment: { Variables: { TOKEN: 'one' } },
    }),
  );
}

describe('MiniStack: what the connector lambda-functions relies on', () => {
  it('gives back the code of functions, versions and layers byte for byte, from the emulator itself', async () => {
    await create('code', 'one');
    await lambda.send(new PublishVersionCommand({ FunctionName: 'code' }));
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'code', ZipFile: code('two') }));
    const get = async (Qualifier: string) => {
      const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: 'code', Qualifier }));
      expect(Code?.Location).toContain(ministack.endpoint);
      return await download(Code?.Location);
    };
    expect((await get('1')).equals(code('one'))).toBe(true);
    expect((await get('$LATEST')).equals(code('two'))).toBe(true);
    const layer = await lambda.send(
      new PublishLayerVersionCommand({ LayerName: 'l', Content: { ZipFile: code('layer') } }),
    );
    const { Content } = await lambda.send(new GetLayerVersionByArnCommand({ Arn: layer.LayerVersionArn }));
    expect((await download(Content?.Location)).equals(code('layer'))).toBe(true);
  });

  it('freezes the configuration of a published version, and splits the traffic of an alias', async () => {
    await create('versions', 'one');
    await lambda.send(new PublishVersionCommand({ FunctionName: 'versions' }));
    await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'versions',
        Environment: { Variables: { TOKEN: 'two' } },
      }),
    );
    await lambda.send(new PublishVersionCommand({ FunctionName: 'versions' }));
    const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'versions' }));
    expect(Versions.map(({ Version, Environment }) => [Version, Environment?.Variables?.['TOKEN']])).toEqual([
      ['$LATEST', 'two'],
      ['1', 'one'],
      ['2', 'two'],
    ]);
    const alias = await lambda.send(
      new CreateAliasCommand({
        FunctionName: 'versions',
        Name: 'live',
        FunctionVersion: '2',
        RoutingConfig: { AdditionalVersionWeights: { '1': 0.25 } },
      }),
    );
    expect(alias.RoutingConfig?.AdditionalVersionWeights).toEqual({ '1': 0.25 });
  });

  it('runs Node.js code, belongs to the account 123456789012, and says what is not there with 404', async () => {
    await create('runs', 'it ran');
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'runs' }));
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({ answer: 'it ran' });
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'runs' }));
    expect(Configuration?.FunctionArn).toBe('arn:aws:lambda:us-east-1:123456789012:function:runs');
    const missing = lambda.send(new GetFunctionCommand({ FunctionName: 'nothing' }));
    expect(await failure(missing)).toEqual(['ResourceNotFoundException', 404]);
  });
});
