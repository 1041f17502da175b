import type { Lambda } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import type { FaultProxy } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, discoverAll } from '../conformance.ts';
import { createMemorySnapshot, type MemoryResource } from '../conformance-memory.ts';
import { connector } from './index.ts';
import { captured, contextWith, createFunction, idsOf, plan, region, useLambda } from './lambda-for-test.ts';
import type { LambdaOptions } from './options.ts';

let lambda: Lambda;
let proxy: FaultProxy;
useLambda((used) => ({ lambda, proxy } = used));

describe('lambda-functions: capturing', () => {
  it('loses one file to a denied call, and deletes nothing on account of what it could not read', async () => {
    await createFunction(lambda, 'guarded');
    await lambda.addPermission({
      FunctionName: 'guarded',
      StatementId: 'events',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    });
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('/guarded/policy') });
    const all = await captureAll(connector, contextWith({}));
    proxy.clearFaults();
    const failures = [...all.values()].flatMap((resource) => resource.failures);
    expect(failures.map(({ code, resource }) => [code, resource])).toEqual([
      ['item.denied', 'lambda-functions/guarded'],
    ]);
    const before = all.get('guarded');
    expect(before && idsOf(await plan(before, { mode: 'exact' }))).toEqual([]);
  });

  it('finds the functions when the layers cannot be listed, and says why there are none', async () => {
    proxy.addFault({ kind: 'deny', match: ({ method, path }) => method === 'GET' && /\/layers(\?|$)/.test(path) });
    const found = await discoverAll(connector, contextWith({}));
    proxy.clearFaults();
    expect(found.map(({ ref }) => ref.name)).toContain('guarded');
    expect(found.flatMap(({ ref, refused }) => (refused ? [[ref.name, refused.code]] : []))).toEqual([
      ['layer.', 'item.denied'],
    ]);
  });

  it('asks seven calls of a function without versions that did not change, and no code signing where there is none', async () => {
    const { context, calls } = conformanceContext<LambdaOptions>({}, region, 'regional');
    await captureAll(connector, context);
    const before = calls.splice(0, calls.length);
    await createFunction(lambda, 'quiet');
    await lambda.putFunctionConcurrency({ FunctionName: 'quiet', ReservedConcurrentExecutions: 2 });
    const quiet = (await captureAll(connector, context)).get('quiet');
    const more = calls.map(({ operation }) => operation);
    for (const { operation } of before) more.splice(more.indexOf(operation), 1);
    // The memory of the suite reads code each time; a repository does not.
    // GetFunction twice, since the memory of the suite reads code each time; a repository does not.
    const asked = [
      'GetFunction',
      'GetFunction',
      'GetFunctionRecursionConfig',
      'GetPolicy',
      'GetRuntimeManagementConfig',
    ];
    asked.push('ListAliases', 'ListFunctionEventInvokeConfigs', 'ListFunctionUrlConfigs');
    // MiniStack does not list code signing configurations, so that each function is asked.
    asked.push('GetFunctionCodeSigningConfig');
    expect(more.sort()).toEqual(asked.sort());
    expect(await quiet?.captured.json('', 'concurrency.json')).toEqual({ ReservedConcurrentExecutions: 2 });
  });

  it('what was published, or deleted, since the listing is not passed over', async () => {
    const context = contextWith({});
    for (const name of ['growing', 'passing']) await createFunction(lambda, name);
    const found = await discoverAll(connector, context);
    await lambda.publishVersion({ FunctionName: 'growing' });
    await lambda.createAlias({ FunctionName: 'growing', Name: 'live', FunctionVersion: '1' });
    await lambda.deleteFunction({ FunctionName: 'passing' });
    const read = async (name: string): Promise<MemoryResource> => {
      const resource = found.find(({ ref }) => ref.name === name);
      if (!resource) throw new Error(`${name} was not found`);
      const snapshot = createMemorySnapshot(resource.ref);
      await connector.capture(context, resource, snapshot.sink);
      return await snapshot.finish();
    };
    const growing = await read('growing');
    expect(growing.failures).toEqual([]);
    expect(await growing.captured.json('', 'versions/1/config.json')).toMatchObject({ Version: '1' });
    expect((await read('passing')).failures.map(({ code }) => code)).toEqual(['item.not-found']);
  });

  it('reads tags and concurrency by calls of their own where GetFunction is denied', async () => {
    const Tags = { site: 'acme' };
    await createFunction(lambda, 'hidden', { Tags });
    proxy.addFault({ kind: 'deny', match: ({ method, path }) => method === 'GET' && /\/hidden(\?|$)/.test(path) });
    const hidden = await captured('hidden');
    proxy.clearFaults();
    expect(await hidden.captured.json('', 'tags.json')).toEqual(Tags);
    expect(hidden.failures.map(({ code, message }) => [code, message.split(' ')[0]])).toEqual([
      ['item.denied', 'GetFunction'],
    ]);
  });
});
