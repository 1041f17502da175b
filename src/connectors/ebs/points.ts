import { required } from '../aws/classify.ts';
import type { BackedUp } from '../backup-points/keeping.ts';
import { tagsOf } from '../documents/tags.ts';
import { ec2Client } from './calls.ts';

/** What one question may name. */
const atOnce = 200;

/** Volumes: AWS Backup makes snapshots of them, and their tags are at EC2. */
export const volumePoints: BackedUp = {
  covers: ({ name }) => name.startsWith('volumes/'),
  async tags(aws, arns) {
    const client = await ec2Client(aws);
    const found = new Map<string, Record<string, string>>();
    for (let from = 0; from < arns.length; from += atOnce) {
      const byId = new Map(arns.slice(from, from + atOnce).map((arn) => [arn.slice(arn.lastIndexOf('/') + 1), arn]));
      const Filters = [{ Name: 'snapshot-id', Values: [...byId.keys()] }];
      const asking = client.describeSnapshots({ Filters, OwnerIds: ['self'] });
      const { Snapshots = [] } = await required(asking, 'DescribeSnapshots', 'ebs');
      for (const { SnapshotId = '', Tags } of Snapshots) found.set(byId.get(SnapshotId) ?? '', tagsOf(Tags));
    }
    return found;
  },
};
