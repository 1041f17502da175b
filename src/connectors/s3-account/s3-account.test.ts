import { S3 } from '@aws-sdk/client-s3';
import { S3Control } from '@aws-sdk/client-s3-control';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { withAddresses } from '../aws/s3-control.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const AccountId = '123456789012';
const client = (): S3Control => withAddresses(new S3Control({ region: 'us-west-2' }));
const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: false, RestrictPublicBuckets: true };

async function readBack(): Promise<unknown> {
  const found = await client()
    .getPublicAccessBlock({ AccountId })
    .catch(() => undefined);
  const points: unknown[] = [];
  for (const { Name, Alias, Regions, PublicAccessBlock } of await multiRegion()) {
    const Mrap = `arn:aws:s3::${AccountId}:accesspoint/${Alias}`;
    const { Routes } = await client().getMultiRegionAccessPointRoutes({ AccountId, Mrap });
    const { Policy } = await client().getMultiRegionAccessPointPolicy({ AccountId, Name });
    points.push([Name, Regions, PublicAccessBlock, Routes, Policy?.Established?.Policy]);
  }
  return [found?.PublicAccessBlockConfiguration ?? 'none', points];
}

async function multiRegion() {
  return (await client().listMultiRegionAccessPoints({ AccountId })).AccessPoints ?? [];
}

async function bucketIn(region: string, Bucket: string): Promise<void> {
  await new S3({ region, forcePathStyle: true }).createBucket({
    Bucket,
    ...(region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  });
}

describeConnector('s3-account', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const control = client();
  return {
    connector,
    options: {},
    region: 'us-east-1',
    callsPerResource: 3,
    newIdentities: true,
    servedBy: 'moto, with routes of ours',
    unverified: ['how long S3 takes to make a multi-region access point', 'requests through one'],
    readBack,
    async seed() {
      await control.putPublicAccessBlock({ AccountId, PublicAccessBlockConfiguration: block });
      for (const region of ['us-east-1', 'eu-west-1']) await bucketIn(region, `media-${region}`);
      const { RequestTokenARN } = await control.createMultiRegionAccessPoint({
        AccountId,
        ClientToken: 'media',
        Details: { Name: 'media', Regions: [{ Bucket: 'media-us-east-1' }, { Bucket: 'media-eu-west-1' }] },
      });
      for (let look = 0; look < 2; look++)
        await control.describeMultiRegionAccessPointOperation({ AccountId, RequestTokenARN });
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
      await control.putMultiRegionAccessPointPolicy({
        AccountId,
        ClientToken: 'policy',
        Details: { Name: 'media', Policy },
      });
      const Mrap = `arn:aws:s3::${AccountId}:accesspoint/${(await multiRegion())[0]?.Alias}`;
      const RouteUpdates = [{ Bucket: 'media-eu-west-1', TrafficDialPercentage: 0 }];
      await control.submitMultiRegionAccessPointRoutes({ AccountId, Mrap, RouteUpdates });
    },
    async damage() {
      const Mrap = `arn:aws:s3::${AccountId}:accesspoint/${(await multiRegion())[0]?.Alias}`;
      const RouteUpdates = [{ Bucket: 'media-eu-west-1', TrafficDialPercentage: 100 }];
      await control.submitMultiRegionAccessPointRoutes({ AccountId, Mrap, RouteUpdates });
      const PublicAccessBlockConfiguration = { ...block, RestrictPublicBuckets: false };
      await control.putPublicAccessBlock({ AccountId, PublicAccessBlockConfiguration });
    },
  };
});

describe('s3-account', () => {
  it('blocks public access again where somebody took the block away', async () => {
    const run = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, run.context);
    await client().deletePublicAccessBlock({ AccountId });
    const mode = 'create-missing' as const;
    expect(await restoreAll(connector, { ...run.context, mode }, captured, run.identities)).toBeGreaterThan(0);
    expect(await readBack()).toMatchObject([block, {}]);
  });

  it('makes a multi-region access point again, waits for it, and tells whoever names it', async () => {
    const run = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, run.context);
    const media = captured.get('multi-region-access-points/media')?.captured ?? expect.fail();
    expect(media.ledger.map((note) => note.class)).toEqual(['new-identity']);
    const was = (await multiRegion())[0]?.Alias ?? '';
    await client().deleteMultiRegionAccessPoint({ AccountId, ClientToken: 'gone', Details: { Name: 'media' } });
    const actions = (await connector.live?.plan(run.context, media)) ?? [];
    expect(actions.map(({ operation, phase }) => [operation, phase])).toEqual([
      ['create', 'settle'],
      ['write', 'settle'],
      ['write', 'enable'],
    ]);
    const context = { ...run.context, runtime: simulatedRuntime(1) };
    const only = new Map([...captured].filter(([name]) => name.endsWith('/media')));
    expect(await restoreAll(connector, context, only, run.identities)).toBe(3);
    const is = (await multiRegion())[0]?.Alias ?? '';
    expect(is).not.toBe(was);
    const named = (alias: string) => [
      `arn:aws:s3::${AccountId}:accesspoint/${alias}/object/*`,
      `https://${alias}.accesspoint.s3-global.amazonaws.com/key`,
    ];
    expect(context.rewrite(named(was))).toEqual(named(is));
    expect(await restoreAll(connector, context, only, run.identities)).toBe(0);
  });

  it('follows buckets to other names, and says what S3 refuses', async () => {
    const run = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, run.context);
    const only = new Map([...captured].filter(([name]) => name.endsWith('/media')));
    const context = { ...run.context, runtime: simulatedRuntime(1), rename: (name: string) => `${name}-dr` };
    for (const region of ['us-east-1', 'eu-west-1']) {
      run.identities.set(`arn:aws:s3:::media-${region}`, `arn:aws:s3:::media-dr-${region}`);
      await bucketIn(region, `media-dr-${region}`);
    }
    await restoreAll(connector, context, only, run.identities);
    const found = (await multiRegion()).find((one) => one.Name === 'media-dr');
    expect(found?.Regions?.map(({ Bucket }) => Bucket).toSorted()).toEqual([
      'media-dr-eu-west-1',
      'media-dr-us-east-1',
    ]);
    const together = { ...context, rename: (name: string) => `${name}-one` };
    run.identities.set('arn:aws:s3:::media-eu-west-1', 'arn:aws:s3:::media-us-east-1');
    await expect(restoreAll(connector, together, only, run.identities)).rejects.toMatchObject({ code: 'item.invalid' });
  });
});
