import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import type { ServiceClients } from './clients.ts';
import { serviceRole } from './role.ts';

/** Names of their own by which programs use a site's bucket. */
export interface Doors {
  readonly arn: string;
  readonly alias: string;
}

/** Of all buckets of the account. */
export async function seedAccountBlock({ control }: ServiceClients): Promise<void> {
  await control.putPublicAccessBlock({
    AccountId: account,
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true },
  });
}

/** Two access points of a bucket, one of which a role's policy and a function name. */
export async function seedDoors({ control, iam }: ServiceClients, site: SiteEnvironment): Promise<Doors> {
  const role = serviceRole(site);
  const point = { AccountId: account, Bucket: site.named('uploads') };
  const Tags = [{ Key: 'Site', Value: site.site.name }];
  await control.createAccessPoint({ ...point, Name: site.named('partner') });
  const { Alias: alias = '' } = await control.createAccessPoint({
    ...point,
    Name: site.named('reports'),
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true },
    Tags,
  });
  const arn = `arn:aws:s3:${homeRegion}:${account}:accesspoint/${site.named('reports')}`;
  const allowed = { Effect: 'Allow', Action: 's3:GetObject', Resource: `${arn}/object/*` };
  const policy = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await control.putAccessPointPolicy({
    AccountId: account,
    Name: site.named('reports'),
    Policy: policy({ ...allowed, Principal: { AWS: role } }),
  });
  await iam.putRolePolicy({
    RoleName: site.named('services'),
    PolicyName: 'reports',
    PolicyDocument: policy(allowed),
  });
  return { arn, alias };
}
