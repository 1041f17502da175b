import { account, type SiteEnvironment } from '../../sites.ts';
import type { ServiceClients } from './clients.ts';

/** ARN of the role that schedules and state machines of a site act as. */
export function serviceRole(site: SiteEnvironment): string {
  return `arn:aws:iam::${account}:role/${site.named('services')}`;
}

export async function seedRole({ iam }: ServiceClients, site: SiteEnvironment): Promise<void> {
  const principals = ['scheduler.amazonaws.com', 'states.amazonaws.com'];
  await iam.createRole({
    RoleName: site.named('services'),
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: principals }, Action: 'sts:AssumeRole' }],
    }),
    Tags: [{ Key: 'Site', Value: site.site.name }],
  });
}
