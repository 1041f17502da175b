import type { Endpoints } from '../../../emulators/index.ts';
import { inParallel } from '../../parallel.ts';
import { environmentsOf, type EstateSize } from '../../sites.ts';
import { serviceClients } from './clients.ts';
import { seedConsumers } from './consumers.ts';
import { seedFront } from './front.ts';
import { seedImages } from './images.ts';
import { rules, seedMail } from './mail.ts';
import { seedMessages } from './messages.ts';
import { seedRole } from './role.ts';

export { secretsOf } from './secrets.ts';

/** Source types that `seedServices` fills. */
export const serviceTypes = [
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
] as const;

/**
 * Adds the services around the core of the estate (`seedEstate`, which must be done): for each site, in production, all naming each
 * other. Images and mail are served by stand-ins (`startStandIns`).
 */
export async function seedServices(endpoints: Endpoints, size: EstateSize): Promise<void> {
  const clients = serviceClients(endpoints);
  try {
    // The queue that the function `mailer` reads belongs to no site.
    await clients.sqs.createQueue({ QueueName: 'acme-mail' });
    await clients.received.createReceiptRuleSet({ RuleSetName: rules });
    const live = environmentsOf(size).filter(({ environment }) => environment === 'prod');
    await inParallel(3, live, async (site) => {
      await seedRole(clients, site);
      const messages = await seedMessages(clients, site);
      await seedConsumers(clients, site, messages);
      await seedImages(clients, site, messages);
      // Before the pool of users, whose mails are sent from it.
      await seedMail(clients, site, messages);
      await seedFront(clients, site, messages);
    });
    await clients.received.setActiveReceiptRuleSet({ RuleSetName: rules });
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}
