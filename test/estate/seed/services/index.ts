import type { Endpoints } from '../../../emulators/index.ts';
import { inParallel } from '../../parallel.ts';
import { environmentsOf, type EstateSize } from '../../sites.ts';
import type { StandIns } from '../../stand-ins.ts';
import { seedBackups } from './backups.ts';
import { serviceClients } from './clients.ts';
import { seedConsumers } from './consumers.ts';
import { seedAccountBlock, seedDoors } from './doors.ts';
import { seedDomain, seedEdge } from './edge.ts';
import { seedFront } from './front.ts';
import { seedImages } from './images.ts';
import { seedContact, seedLightsail } from './lightsail.ts';
import { rules, seedMail } from './mail.ts';
import { seedMessages } from './messages.ts';
import { seedRole } from './role.ts';
import { seedScript } from './scripts.ts';

export { secretsOf } from './secrets.ts';

/** Source types that `seedServices` fills. */
const serviceTypes = [
  'kms',
  'sqs',
  'sns',
  'secrets-manager',
  'ssm-parameters',
  'eventbridge',
  'scheduler',
  'step-functions',
  'cloudwatch',
  'acm',
  'cognito',
  'api-gateway',
  'api-gateway-v2',
  'ecr',
  'ses',
  's3-account',
  's3-access-points',
  'backup',
  'global-accelerator',
  'route53-domains',
  'lightsail',
];

/** `serviceTypes` as holdfast.yaml names them, and the scripts, which a source names one by one. */
export function serviceSources({ made, scripts }: StandIns): string[] {
  const named = [...made.scripts.projects.values()].map(({ scriptId, title }) => `{ id: ${scriptId}, name: ${title} }`);
  return [...serviceTypes, `{ apps-script: { endpoint: '${scripts}', scripts: [${named.join(', ')}] } }`];
}

/**
 * Adds the services around the core of the estate (`seedEstate`, which must be done): for each site, in production, all naming each
 * other. `standIns` serves what `endpoints` leads to them for.
 */
export async function seedServices(endpoints: Endpoints, size: EstateSize, { made }: StandIns): Promise<void> {
  const clients = serviceClients(endpoints);
  try {
    // The queue that the function `mailer` reads belongs to no site.
    await clients.sqs.createQueue({ QueueName: 'acme-mail' });
    await clients.received.createReceiptRuleSet({ RuleSetName: rules });
    const live = environmentsOf(size).filter(({ environment }) => environment === 'prod');
    await seedAccountBlock(clients);
    await seedContact(clients, live[0]);
    await inParallel(3, live, async (site) => {
      await seedRole(clients, site);
      const messages = await seedMessages(clients, site);
      await seedConsumers(clients, site, messages);
      await seedImages(clients, site, messages);
      // Before the pool of users, whose mails are sent from it.
      await seedMail(clients, site, messages);
      await seedFront(clients, site, messages, await seedDoors(clients, site));
      await seedBackups(clients, site, messages);
      await seedEdge(clients, site);
      await seedDomain(clients, site, made);
      await seedLightsail(clients, site, made);
      seedScript(site, made);
    });
    await clients.received.setActiveReceiptRuleSet({ RuleSetName: rules });
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}
