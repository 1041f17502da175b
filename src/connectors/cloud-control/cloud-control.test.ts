import { CloudControl } from '@aws-sdk/client-cloudcontrol';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { useEndpoints } from '../../../test/emulators/index.ts';
import { startCloudControl } from '../../../test/stand-ins/cloud-control/server.ts';
import { captureAll, discoverAll, conformanceContext, describeConnector } from '../conformance.ts';
import { nameOf } from './identity.ts';
import { connector } from './index.ts';
import { options as schema } from './options.ts';
import { patch } from './parts.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const [group, key] = ['AWS::Logs::LogGroup', 'AWS::ApiGateway::ApiKey'] as const;
const secret = 'xyzzy-api-key-value';

async function over(client: CloudControl, RequestToken: string | undefined): Promise<void> {
  for (;;) {
    const { ProgressEvent } = await client.getResourceRequestStatus({ RequestToken });
    if (ProgressEvent?.OperationStatus === 'SUCCESS') return;
  }
}

describeConnector('cloud-control (against a stand-in of ours)', async () => {
  const standIn = await startCloudControl();
  cleanups.push(() => standIn.stop(), useEndpoints({ all: standIn.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new CloudControl({ region: one })] as const));
  const control = clients.get(region) as CloudControl;
  const create = async (TypeName: string, state: object): Promise<void> => {
    const { ProgressEvent } = await control.createResource({ TypeName, DesiredState: JSON.stringify(state) });
    await over(control, ProgressEvent?.RequestToken);
  };
  return {
    connector,
    options: { types: [group, key] },
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 3,
    newIdentities: true,
    servedBy: 'a stand-in of ours',
    unverified: ['everything: no emulator has the Cloud Control API with the schemas of types'],
    async seed() {
      await create(group, {
        LogGroupName: '/aws/lambda/api',
        RetentionInDays: 30,
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await create(group, { LogGroupName: 'audit', RetentionInDays: 365 });
      await create(key, { Name: 'partner', Value: secret, Enabled: true, GenerateDistinctId: true });
    },
    async readBack(where) {
      const client = clients.get(where) as CloudControl;
      const found: [string, unknown][] = [];
      for (const TypeName of [group, key]) {
        let NextToken: string | undefined;
        do {
          const page = await client.listResources({ TypeName, NextToken });
          for (const { Identifier } of page.ResourceDescriptions ?? []) {
            const { ResourceDescription } = await client.getResource({ TypeName, Identifier });
            const properties = JSON.parse(ResourceDescription?.Properties ?? '') as Record<string, string>;
            found.push([`${properties['LogGroupName'] ?? properties['Name']}`, properties]);
          }
          ({ NextToken } = page);
        } while (NextToken !== undefined);
      }
      return found.sort(([a], [b]) => (a < b ? -1 : 1));
    },
    async damage() {
      const PatchDocument = JSON.stringify([
        { op: 'replace', path: '/RetentionInDays', value: 1 },
        { op: 'remove', path: '/Tags' },
        { op: 'add', path: '/KmsKeyId', value: 'other' },
      ]);
      await control.updateResource({ TypeName: group, Identifier: '/aws/lambda/api', PatchDocument });
      await control.deleteResource({ TypeName: group, Identifier: 'audit' });
      const { ResourceDescriptions = [] } = await control.listResources({ TypeName: key });
      await control.deleteResource({ TypeName: key, Identifier: ResourceDescriptions[0]?.Identifier });
    },
  };
});

describe('cloud-control (against a stand-in of ours)', () => {
  const capture = async (types: string[]) =>
    await captureAll(connector, conformanceContext({ types }, region, 'regional').context);

  it('keeps properties secret, and says what is never returned and what is generated', async () => {
    const captured = [...(await capture([key])).values()][0]?.captured;
    expect(captured?.ledger.map((note) => note.class)).toEqual(['needs-human', 'new-identity']);
    for (const file of ['type.json', 'properties.json', 'read-only.json']) {
      const entry = await captured?.entry('', file);
      const text = JSON.stringify(await captured?.json('', file));
      expect([file, entry?.secret, text.includes(secret)]).toEqual([
        file,
        file !== 'type.json',
        file === 'properties.json',
      ]);
    }
  });

  it('loses one type that is refused, and no other', async () => {
    const types = [group, 'AWS::None::Such'];
    expect((await capture(types)).get(`${group}/audit`)?.failures).toEqual([]);
    const found = await discoverAll(connector, conformanceContext({ types }, region, 'regional').context);
    expect(found.flatMap(({ ref, refused }) => (refused ? [[ref.name, refused.code]] : []))).toEqual([
      ['AWS::None::Such/', 'item.not-found'],
    ]);
  });

  it('creates again what was deleted since, though the API remembers the token', async () => {
    const client = new CloudControl({ region });
    const captured = (await capture([group])).get(`${group}/audit`)?.captured;
    const { context } = conformanceContext({ types: [group] }, region, 'regional');
    for (let time = 0; time < 2; time++) {
      await client.deleteResource({ TypeName: group, Identifier: 'audit' });
      const [first] = (await connector.live?.plan(context, captured as never)) ?? [];
      expect((await connector.live?.apply(context, first as never, captured as never))?.result).toBe('done');
    }
  });

  it('names resources by paths without empty names, and writes patches of whole properties', () => {
    expect(nameOf(group, '/aws//x%')).toBe(`${group}/%2Faws%2F/x%25`);
    expect(patch({ a: 1, 'b/c': [2] }, { a: 1, d: 3 })).toEqual([
      { op: 'remove', path: '/d' },
      { op: 'add', path: '/b~1c', value: [2] },
    ]);
  });

  it('asks for at least one type', () => {
    expect(schema.safeParse({ types: [] }).success).toBe(false);
    expect(schema.safeParse({ types: ['LogGroup'] }).success).toBe(false);
  });
});
