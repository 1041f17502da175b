import { EC2 } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const key = `arn:aws:kms:${region}:123456789012:key/11111111-2222-3333-4444-555555555555`;
const tagged = (ResourceType: 'volume' | 'snapshot') => ({
  TagSpecifications: [{ ResourceType, Tags: [{ Key: 'site', Value: 'acme' }] }],
});

describeConnector('ebs', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new EC2({ region: one })] as const));
  const ec2 = clients.get(region) as EC2;
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 2,
    servedBy: 'moto, with default keys and public access of snapshots of ours',
    unverified: ['archived snapshots'],
    async seed() {
      await ec2.enableEbsEncryptionByDefault({});
      await ec2.modifyEbsDefaultKmsKeyId({ KmsKeyId: key });
      await ec2.enableSnapshotBlockPublicAccess({ State: 'block-all-sharing' });
      const AvailabilityZone = `${region}a`;
      const { VolumeId } = await ec2.createVolume({
        AvailabilityZone,
        Size: 8,
        VolumeType: 'gp3',
        ...tagged('volume'),
      });
      const { Instances = [] } = await ec2.runInstances({ ImageId: 'ami-03cf127a', MinCount: 1, MaxCount: 1 });
      await ec2.attachVolume({ VolumeId, InstanceId: Instances[0]?.InstanceId, Device: '/dev/sdh' });
      await ec2.createSnapshot({ VolumeId, Description: 'before the change', ...tagged('snapshot') });
    },
    async readBack(where) {
      const client = clients.get(where) as EC2;
      return [
        (await client.getEbsEncryptionByDefault({})).EbsEncryptionByDefault,
        (await client.getEbsDefaultKmsKeyId({})).KmsKeyId,
        (await client.getSnapshotBlockPublicAccessState({})).State,
      ];
    },
    async damage() {
      await ec2.disableEbsEncryptionByDefault({});
      await ec2.resetEbsDefaultKmsKeyId({});
      await ec2.disableSnapshotBlockPublicAccess({});
    },
  };
});

describe('ebs', () => {
  it('keeps volumes and snapshots as documents, and says how a volume comes back', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const names = [...captured.keys()];
    const attached = await Promise.all(
      names
        .filter((name) => name.startsWith('volumes/'))
        .map(async (name) => await captured.get(name)?.captured.json('', 'attachments.json')),
    );
    expect(attached.flat()).toContainEqual(expect.objectContaining({ Device: '/dev/sdh' }));
    for (const name of names.filter((one) => !one.startsWith('settings/'))) {
      const resource = captured.get(name)?.captured;
      expect(connector.live?.directoryOnly?.(resource?.ref as never)).toContain('data');
      if (name.startsWith('volumes/'))
        expect(resource?.ledger.map((note) => note.class)).toEqual(['needs-human', 'new-identity']);
    }
    expect(names.filter((one) => one.startsWith('snapshots/'))).toHaveLength(1);
  });
});
