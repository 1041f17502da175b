import type { Lambda } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import type { Json } from '../../kernel/json.ts';
import { rewriteJson } from '../rewrite.ts';
import { connector } from './index.ts';
import { apply, captured, contextWith, createFunction, idsOf, plan, secret, useLambda } from './lambda-for-test.ts';

let lambda: Lambda;
useLambda((used) => ({ lambda } = used));

describe('lambda-functions: restoring', () => {
  it('names changed environment variables and never shows a value', async () => {
    await createFunction(lambda, 'secretive');
    const before = await captured('secretive');
    const entry = await before.captured.entry('', 'env-vars.json');
    expect(entry?.secret).toBe(true);
    expect(JSON.stringify(before.captured.ledger)).not.toContain(secret);
    for await (const other of before.captured.entries(''))
      if (!other.secret) expect(Buffer.from(await before.captured.bytes(other)).toString()).not.toContain(secret);
    const Variables = { TOKEN: 'other-secret-value', EXTRA: 'third-secret-value' };
    await lambda.updateFunctionConfiguration({ FunctionName: 'secretive', Environment: { Variables } });

    const actions = await plan(before, { mode: 'revert-changed' });
    expect(actions.map(({ title }) => title)).toEqual([
      'update environment of secretive: 3 environment variables (EXTRA, STAGE, TOKEN)',
    ]);
    const outcomes = await apply(before, actions);
    for (const shown of [JSON.stringify(actions), JSON.stringify(outcomes)])
      for (const value of [secret, ...Object.values(Variables)]) expect(shown).not.toContain(value);
    const after = await lambda.getFunctionConfiguration({ FunctionName: 'secretive' });
    expect(after.Environment?.Variables).toEqual({ TOKEN: secret, STAGE: 'prod' });
  });

  it('lets the environment follow what moves, at the end once more, and never shows a value', async () => {
    const queue = 'arn:aws:sqs:us-east-1:123456789012:jobs';
    const Variables = { TOKEN: secret, API: 'https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/v1', QUEUE: queue };
    await createFunction(lambda, 'followed', { Environment: { Variables } });
    await lambda.publishVersion({ FunctionName: 'followed' });
    await lambda.createEventSourceMapping({ FunctionName: 'followed', EventSourceArn: queue });
    await lambda.addPermission({
      FunctionName: 'followed',
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/*',
    });
    const before = await captured('followed');
    await lambda.deleteFunction({ FunctionName: 'followed' });
    const mapped = await lambda.listEventSourceMappings({ FunctionName: 'followed' });
    for (const { UUID } of mapped.EventSourceMappings ?? []) await lambda.deleteEventSourceMapping({ UUID });

    // The API comes back after the function, under another id.
    const moved = new Map<string, string>();
    const { rewrite } = contextWith({});
    const change = {
      rewrite: (document: Json) =>
        rewriteJson(rewrite(document), { get: (old) => moved.get(old), move: (arn) => arn, region: (name) => name }),
    };
    const actions = await plan(before, change);
    expect(actions.filter(({ phase }) => phase).map(({ id, phase }) => [id.split('/')[2], phase])).toEqual([
      ['settle-environment', 'settle'],
      ['put-permissions', 'settle'],
      ['put-mapping', 'settle'],
      ['switch-mapping', 'enable'],
    ]);
    const early = actions.filter(({ phase }) => phase === undefined);
    const outcomes = await apply(before, early, change);
    moved.set('a1b2c3d4e5', 'z9y8x7w6v5');
    outcomes.push(...(await apply(before, actions.slice(early.length), change)));
    const after = await lambda.getFunctionConfiguration({ FunctionName: 'followed' });
    expect(after.Environment?.Variables).toEqual({
      ...Variables,
      API: 'https://z9y8x7w6v5.execute-api.us-east-1.amazonaws.com/v1',
    });
    expect((await lambda.getPolicy({ FunctionName: 'followed' })).Policy).toContain(':z9y8x7w6v5/*');
    for (const shown of [JSON.stringify(actions), JSON.stringify(outcomes)])
      // (The queue is the event source as well, which a plan names.)
      for (const value of [Variables.TOKEN, Variables.API]) expect(shown).not.toContain(value);
    // The version that was published then is still the one that was captured.
    expect(await plan(before, change)).toEqual([]);
  });

  it('creates what is missing and leaves what differs alone, unless told to revert it', async () => {
    await createFunction(lambda, 'modest', { Timeout: 10, Tags: { site: 'acme' } });
    await lambda.publishVersion({ FunctionName: 'modest' });
    await lambda.createAlias({ FunctionName: 'modest', Name: 'live', FunctionVersion: '1' });
    const before = await captured('modest');
    await lambda.updateFunctionConfiguration({ FunctionName: 'modest', Timeout: 20 });
    await lambda.updateFunctionCode({ FunctionName: 'modest', ZipFile: utf8('somebody else') });
    await lambda.createAlias({ FunctionName: 'modest', Name: 'newer', FunctionVersion: '1' });
    await lambda.deleteAlias({ FunctionName: 'modest', Name: 'live' });

    expect(idsOf(await plan(before, { mode: 'create-missing' }))).toEqual(['put-alias/live']);
    expect(idsOf(await plan(before, { mode: 'revert-changed' }))).toEqual([
      'update-code',
      'update-configuration',
      'put-alias/live',
    ]);
    expect(idsOf(await plan(before, { mode: 'exact' }))).toContain('delete-alias/newer');
    await apply(before, await plan(before, { mode: 'revert-changed' }));
    expect(await plan(before, { mode: 'revert-changed' })).toEqual([]);
    expect((await lambda.getFunctionConfiguration({ FunctionName: 'modest' })).Timeout).toBe(10);
  });

  it('publishes a lost version again under a new number and points everything to it', async () => {
    await createFunction(lambda, 'numbered', { MemorySize: 128 });
    await lambda.publishVersion({ FunctionName: 'numbered' });
    await lambda.updateFunctionConfiguration({ FunctionName: 'numbered', MemorySize: 256 });
    await lambda.publishVersion({ FunctionName: 'numbered' });
    await lambda.createAlias({ FunctionName: 'numbered', Name: 'live', FunctionVersion: '1' });
    await lambda.addPermission({
      FunctionName: 'numbered',
      Qualifier: '1',
      StatementId: 's3',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    });
    const before = await captured('numbered');
    await lambda.updateAlias({ FunctionName: 'numbered', Name: 'live', FunctionVersion: '2' });
    await lambda.deleteFunction({ FunctionName: 'numbered', Qualifier: '1' });
    await lambda.removePermission({ FunctionName: 'numbered', StatementId: 's3' });

    const actions = await plan(before);
    const outcomes = await apply(before, actions);
    expect(idsOf(actions)[0]).toBe('publish-version/1');
    expect(outcomes[0]?.identities).toEqual([
      { from: `${before.captured.ref.id}:1`, to: `${before.captured.ref.id}:3` },
    ]);
    const alias = await lambda.getAlias({ FunctionName: 'numbered', Name: 'live' });
    expect(alias.FunctionVersion).toBe('3');
    expect((await lambda.getFunctionConfiguration({ FunctionName: 'numbered', Qualifier: '3' })).MemorySize).toBe(128);
    expect((await lambda.getFunctionConfiguration({ FunctionName: 'numbered' })).MemorySize).toBe(256);
    expect((await lambda.getPolicy({ FunctionName: 'numbered', Qualifier: '3' })).Policy).toContain('"s3"');
    expect(await plan(before)).toEqual([]);
  });

  it('does the same when every action is applied twice', async () => {
    await createFunction(lambda, 'twice', { Tags: { site: 'acme' } });
    await lambda.publishVersion({ FunctionName: 'twice' });
    await lambda.createAlias({ FunctionName: 'twice', Name: 'live', FunctionVersion: '1' });
    await lambda.createFunctionUrlConfig({ FunctionName: 'twice', AuthType: 'AWS_IAM' });
    await lambda.createEventSourceMapping({
      FunctionName: 'twice:live',
      EventSourceArn: 'arn:aws:sqs:us-east-1:123456789012:jobs',
    });
    const before = await captured('twice');
    await lambda.deleteFunctionUrlConfig({ FunctionName: 'twice' });
    await lambda.deleteFunction({ FunctionName: 'twice' });
    const mapped = await lambda.listEventSourceMappings({ FunctionName: 'twice' });
    for (const { UUID } of mapped.EventSourceMappings ?? []) await lambda.deleteEventSourceMapping({ UUID });

    const actions = await plan(before);
    expect(idsOf(actions).at(-1)).toMatch(/^switch-mapping\//);
    for (const action of actions) {
      const [first, second] = await apply(before, [action, action]);
      expect([action.id, second?.result]).toEqual([action.id, 'unchanged']);
      expect(first?.failures ?? []).toEqual([]);
    }
    const { EventSourceMappings = [] } = await lambda.listEventSourceMappings({ FunctionName: 'twice' });
    expect(EventSourceMappings.map(({ State }) => State)).toEqual(['Enabled']);
    expect(await plan(before)).toEqual([]);
  });

  it('restores under another name, its own ARN rewritten', async () => {
    await createFunction(lambda, 'original');
    await lambda.addPermission({
      FunctionName: 'original',
      StatementId: 'events',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    });
    const before = await captured('original');
    const renamed = { rename: (name: string) => (name === 'original' ? 'copy' : name) };
    const [created] = await apply(before, await plan(before, renamed), renamed);
    const copy = await lambda.getFunction({ FunctionName: 'copy' });
    expect(created?.identities).toEqual([{ from: before.captured.ref.id, to: copy.Configuration?.FunctionArn }]);
    expect(copy.Configuration?.LoggingConfig?.LogGroup).toBe('/aws/lambda/copy');
    expect((await lambda.getPolicy({ FunctionName: 'copy' })).Policy).toContain('events.amazonaws.com');
    expect(await plan(before, renamed)).toEqual([]);
  });

  it('restores one file of a function that is there, and says so when it is not', async () => {
    await createFunction(lambda, 'partial');
    const before = await captured('partial');
    const only = { collection: '', prefix: utf8('env-vars.json') };
    await lambda.updateFunctionConfiguration({
      FunctionName: 'partial',
      Timeout: 99,
      Environment: { Variables: { A: 'b' } },
    });
    expect(idsOf(await plan(before, { only }))).toEqual(['update-environment']);
    await lambda.deleteFunction({ FunctionName: 'partial' });
    await expect(plan(before, { only })).rejects.toMatchObject({ code: 'restore.unsupported' });
  });

  it('says which layer is missing instead of creating half a function', async () => {
    const layer = await lambda.publishLayerVersion({ LayerName: 'fonts', Content: { ZipFile: utf8('fonts') } });
    await createFunction(lambda, 'layered', { Layers: [layer.LayerVersionArn ?? ''] });
    const before = await captured('layered');
    const beforeLayer = await captured('layer.fonts');
    await lambda.deleteFunction({ FunctionName: 'layered' });
    await lambda.deleteLayerVersion({ LayerName: 'fonts', VersionNumber: 1 });
    const actions = await plan(before);
    await expect(apply(before, actions)).rejects.toMatchObject({
      code: 'item.not-found',
      message: 'lambda-functions/layered needs version 1 of layer fonts',
    });
    const [published] = await apply(beforeLayer, await plan(beforeLayer));
    expect(published).toMatchObject({ class: 'new-identity' });
    await apply(before, actions);
    const after = await lambda.getFunctionConfiguration({ FunctionName: 'layered' });
    expect(after.Layers?.map(({ Arn }) => Arn)).toEqual([published?.identities?.[0]?.to]);
    expect(connector.live?.rank?.(beforeLayer.captured.ref)).toBeLessThan(
      connector.live?.rank?.(before.captured.ref) ?? 0,
    );
  });

  it('keeps a container image by its address', async () => {
    const ImageUri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:0123';
    const image = { PackageType: 'Image', Code: { ImageUri }, Runtime: undefined, Handler: undefined };
    await createFunction(lambda, 'boxed', image);
    const before = await captured('boxed');
    expect(await before.captured.json('', 'image.json')).toMatchObject({ ImageUri });
    expect(before.captured.ledger).toContainEqual(
      expect.objectContaining({ class: 'needs-human', what: 'container images' }),
    );
    await lambda.deleteFunction({ FunctionName: 'boxed' });
    await apply(before, await plan(before));
    expect((await lambda.getFunction({ FunctionName: 'boxed' })).Code?.ImageUri).toBe(ImageUri);
    expect(await plan(before)).toEqual([]);
    // Its repository went to another region, account and name.
    const repository = 'arn:aws:ecr:us-east-1:123456789012:repository/app';
    const there = 'arn:aws:ecr:eu-west-1:210987654321:repository/app-dr';
    const identities = {
      get: (old: string) => (old === repository ? there : undefined),
      move: (arn: string) => arn,
      region: (one: string) => one,
    };
    const elsewhere = { rename: () => 'boxed-dr', rewrite: (document: Json) => rewriteJson(document, identities) };
    await apply(before, await plan(before, elsewhere), elsewhere);
    const { Code } = await lambda.getFunction({ FunctionName: 'boxed-dr' });
    expect(Code?.ImageUri).toBe('210987654321.dkr.ecr.eu-west-1.amazonaws.com/app-dr@sha256:0123');
  });
});
