import { S3 } from '@aws-sdk/client-s3';
import { S3Control } from '@aws-sdk/client-s3-control';
import { afterAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { withAddresses } from '../aws/s3-control.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

const AccountId = '123456789012';
const client = (): S3Control => withAddresses(new S3Control({ region: 'us-west-2' }));
const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: false, RestrictPublicBuckets: true };

async function readBack(): Promise<unknown> {
  const found = await client()
    .getPublicAccessBlock({ AccountId })
    .catch(() => undefined);
  return found?.PublicAccessBlockConfiguration ?? 'none';
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
    servedBy: 'moto, with routes of ours',
    unverified: ['regions of the buckets of a multi-region access point, and routes that are closed'],
    readBack,
    async seed() {
      await control.putPublicAccessBlock({ AccountId, PublicAccessBlockConfiguration: block });
      for (const region of ['us-east-1', 'eu-west-1'])
        await new S3({ region, forcePathStyle: true }).createBucket({
          Bucket: `media-${region}`,
          ...(region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
        });
      await control.createMultiRegionAccessPoint({
        AccountId,
        ClientToken: 'media',
        Details: { Name: 'media', Regions: [{ Bucket: 'media-us-east-1' }, { Bucket: 'media-eu-west-1' }] },
      });
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
      await control.putMultiRegionAccessPointPolicy({
        AccountId,
        ClientToken: 'policy',
        Details: { Name: 'media', Policy },
      });
    },
    async damage() {
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
    expect(await readBack()).toEqual(block);
  });

  it('keeps multi-region access points with policy and routes, for people', async () => {
    const captured = await captureAll(connector, conformanceContext({}, 'us-east-1', 'global').context);
    const { ref, json, ledger } = captured.get('multi-region-access-points/media')?.captured ?? expect.fail();
    expect(connector.live?.directoryOnly?.(ref)).toContain('a day');
    expect(ledger.map((note) => note.class)).toEqual(['needs-human']);
    // moto takes every bucket for one of us-east-1.
    const Region = 'us-east-1';
    const regions = ['eu-west-1', 'us-east-1'].map((where) => ({ Bucket: `media-${where}`, Region }));
    expect(await json('', 'multi-region-access-point.json')).toMatchObject({ Name: 'media', Regions: regions });
    expect(await json('', 'multi-region-policy.json')).toEqual({ Version: '2012-10-17', Statement: [] });
    expect(await json('', 'routes.json')).toEqual(regions.map((one) => ({ ...one, TrafficDialPercentage: 100 })));
  });
});
