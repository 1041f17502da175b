import { S3 } from '@aws-sdk/client-s3';
import { S3Control } from '@aws-sdk/client-s3-control';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { withAddresses } from '../aws/s3-control.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const AccountId = '123456789012';
const region = 'us-east-1';
const clientOf = (where: string): S3Control => withAddresses(new S3Control({ region: where }));
const arn = (name: string): string => `arn:aws:s3:${region}:${AccountId}:accesspoint/${name}`;
const policy = (action: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: AccountId }, Action: action, Resource: `${arn('reports')}/object/*` },
    ],
  });

describeConnector('s3-access-points', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const client = clientOf(region);
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 4,
    servedBy: 'moto, with regions and tags of access points of ours',
    unverified: ['requests through an access point', 'buckets of other accounts'],
    async seed() {
      await new S3({ region, forcePathStyle: true }).createBucket({ Bucket: 'shop' });
      await client.createAccessPoint({
        AccountId,
        Name: 'reports',
        Bucket: 'shop',
        VpcConfiguration: { VpcId: 'vpc-0123456789abcdef0' },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: false },
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await client.putAccessPointPolicy({ AccountId, Name: 'reports', Policy: policy('s3:GetObject') });
      await client.createAccessPoint({ AccountId, Name: 'uploads', Bucket: 'shop' });
    },
    async readBack(where) {
      const there = clientOf(where);
      const found: unknown[] = [];
      for (const { Name } of (await there.listAccessPoints({ AccountId })).AccessPointList ?? []) {
        const {
          CreationDate: _,
          $metadata: _m,
          Endpoints: _e,
          ...facts
        } = await there.getAccessPoint({ AccountId, Name });
        const said = await there.getAccessPointPolicy({ AccountId, Name }).catch(() => undefined);
        const { Tags } = await there.listTagsForResource({ AccountId, ResourceArn: facts.AccessPointArn });
        found.push([Name, facts, JSON.parse(said?.Policy ?? 'null'), Tags]);
      }
      return found.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    },
    async damage() {
      await client.deleteAccessPoint({ AccountId, Name: 'uploads' });
      await client.putAccessPointPolicy({ AccountId, Name: 'reports', Policy: policy('s3:*') });
      await client.untagResource({ AccountId, ResourceArn: arn('reports'), TagKeys: ['site'] });
    },
  };
});

describe('s3-access-points', () => {
  it('leads to the bucket under its new name, and what used the alias learns the other one', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const run = conformanceContext({}, 'ap-south-1', 'regional', region);
    run.identities.set('arn:aws:s3:::shop', 'arn:aws:s3:::shop-copy');
    await restoreAll(connector, run.context, captured, run.identities);
    const there = clientOf('ap-south-1');
    const found = await there.getAccessPoint({ AccountId, Name: 'reports' });
    expect(found.Bucket).toBe('shop-copy');
    const { Alias: was } = await clientOf(region).getAccessPoint({ AccountId, Name: 'reports' });
    expect(run.context.rewrite({ bucket: was ?? '' })).toEqual({ bucket: found.Alias });
    // Another run, which knows nothing yet, learns the same.
    const again = conformanceContext({}, 'ap-south-1', 'regional', region);
    again.identities.set('arn:aws:s3:::shop', 'arn:aws:s3:::shop-copy');
    expect(await restoreAll(connector, again.context, captured, again.identities)).toBe(0);
    expect(again.context.rewrite({ bucket: was ?? '' })).toEqual({ bucket: found.Alias });
    const note = captured.get('reports')?.captured.ledger[0];
    expect(note).toMatchObject({ class: 'new-identity', what: 'alias' });
  });

  it('says that what is set once and for all cannot be put back', async () => {
    const client = clientOf(region);
    const run = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, run.context);
    await client.deleteAccessPoint({ AccountId, Name: 'uploads' });
    await client.createAccessPoint({ AccountId, Name: 'uploads', Bucket: 'other' });
    const uploads = captured.get('uploads')?.captured ?? expect.fail();
    const [action] = (await connector.live?.plan(run.context, uploads)) ?? [];
    expect(action?.ledger?.[0]?.class).toBe('needs-human');
    await expect(connector.live?.apply(run.context, action ?? expect.fail(), uploads)).rejects.toMatchObject({
      code: 'item.conflict',
    });
  });
});
