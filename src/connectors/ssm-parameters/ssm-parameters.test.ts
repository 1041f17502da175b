import { SSM } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startFaultProxy, startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';
import { parameterName, resourceName } from './parameter.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const policies = JSON.stringify([
  { Type: 'NoChangeNotification', Version: '1.0', Attributes: { After: '20', Unit: 'Days' } },
]);

let started: Promise<Emulator> | undefined;
async function moto(): Promise<Emulator> {
  started ??= startMoto().then((one) => {
    cleanups.push(() => one.stop(), useEndpoints({ all: one.endpoint }));
    return one;
  });
  return await started;
}

async function readBack(where: string): Promise<unknown> {
  const client = new SSM({ region: where });
  const found: [string, unknown][] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.describeParameters({ NextToken });
    for (const { Name = '', Type, Tier, Description, KeyId, DataType, AllowedPattern, Policies } of page.Parameters ??
      []) {
      const value = (await client.getParameter({ Name, WithDecryption: true })).Parameter?.Value;
      const { TagList = [] } = await client.listTagsForResource({ ResourceType: 'Parameter', ResourceId: Name });
      const texts = (Policies ?? []).map(({ PolicyText = '' }) => JSON.parse(PolicyText) as unknown);
      const facts = { Type, Tier, Description, KeyId, DataType, AllowedPattern, texts, value };
      found.push([Name, { ...facts, tags: TagList.map(({ Key, Value }) => `${Key}=${Value}`).sort() }]);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

describeConnector('ssm-parameters', async () => {
  await moto();
  const client = new SSM({ region });
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 2,
    servedBy: 'moto',
    unverified: ['how policies are removed', 'parameters of the type aws:ec2:image, which AWS looks at afterwards'],
    readBack,
    async seed() {
      await client.putParameter({
        Name: '/acme/prod/password',
        Type: 'SecureString',
        Value: 'PLANTED-first',
        KeyId: 'alias/acme',
        Description: 'of the database',
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await client.putParameter({ Name: '/acme/prod/password', Value: 'PLANTED-now', Overwrite: true });
      await client.putParameter({ Name: '/acme/prod/hosts', Type: 'StringList', Value: 'a.PLANTED,b.PLANTED' });
      await client.putParameter({
        Name: '/color',
        Type: 'String',
        Value: 'PLANTED-green',
        Tier: 'Advanced',
        Policies: policies,
        AllowedPattern: '^.*$',
      });
      for (let i = 10; i < 22; i++) await client.putParameter({ Name: `n${i}`, Type: 'String', Value: `PLANTED-${i}` });
    },
    async damage() {
      await client.deleteParameter({ Name: '/acme/prod/password' });
      await client.putParameter({ Name: '/acme/prod/hosts', Value: 'intruder', Overwrite: true });
      const intruder = { Name: '/color', Overwrite: true, Description: 'intruder' };
      await client.putParameter({ ...intruder, Value: 'PLANTED-green', Policies: policies.replace('20', '30') });
      for (let i = 10; i < 22; i++)
        await client.addTagsToResource({
          ResourceType: 'Parameter',
          ResourceId: `n${i}`,
          Tags: [{ Key: 'more', Value: 'yes' }],
        });
    },
  };
});

describe('ssm-parameters: values and names', () => {
  it('keeps values in the secret part only, and tells what of its history is lost', async () => {
    await moto();
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    for (const { captured: resource } of captured.values()) {
      for await (const entry of resource.entries(''))
        if (!entry.secret) expect(Buffer.from(await resource.bytes(entry)).toString()).not.toContain('PLANTED');
      const there = conformanceContext({}, 'ap-south-1', 'regional', region);
      const plan = await connector.live?.plan(there.context, resource);
      expect(JSON.stringify([resource.ledger, plan])).not.toContain('PLANTED');
    }
    expect(captured.get('n10')?.captured.ledger).toEqual([]);
    const changed = captured.get('acme/prod/password')?.captured.ledger ?? [];
    expect(changed.map(({ what, count }) => [what, count])).toEqual([]);
    expect(captured.get('acme/prod/hosts')?.captured.ledger[0]).toMatchObject({ class: 'lost' });
  });

  it('loses one value, and no other, where one may not be decrypted', async () => {
    const proxy = await startFaultProxy((await moto()).endpoint);
    cleanups.push(() => proxy.stop(), useEndpoints({ all: proxy.endpoint }));
    // A key that may not be used spoils the answer for ten parameters.
    proxy.addFault({ kind: 'deny', match: ({ target }) => target === 'AmazonSSM.GetParameters' });
    proxy.addFault({ kind: 'deny', match: ({ target }) => target === 'AmazonSSM.GetParameter', times: 1 });
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const failures = [...captured.values()].flatMap((one) => one.failures);
    expect(failures.map(({ code }) => code)).toEqual(['item.denied']);
    const dumped = [...captured.values()].flatMap((one) => one.dump());
    const count = (file: string): number => dumped.filter((line) => line.startsWith(`/${file} `)).length;
    expect([count('parameter.json'), count('value.json')]).toEqual([15, 14]);
  });

  it('gives every name of the store one of its own, and back', () => {
    const names = ['a', '/a', '/a/b', '/a/b/', '/a//b', '/a/../b', 'a.b', '//a'];
    expect(new Set(names.map(resourceName)).size).toBe(names.length);
    for (const name of names) {
      expect(parameterName(resourceName(name))).toBe(name);
      expect(resourceName(name)).not.toMatch(/^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/);
    }
  });
});
