import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import type { ServiceClients } from './clients.ts';
import type { Messages } from './messages.ts';
import { serviceRole } from './role.ts';

/** The rules for mail that arrives, of all sites. */
export const rules = 'acme-inbox';

/** What a site's mails are sent from; its user pool names it. */
export function identityArn({ site }: SiteEnvironment): string {
  return `arn:aws:ses:${homeRegion}:${account}:identity/${site.domain}`;
}

/** A domain that sends, with who is told of bounces and may send too; a template, a list of readers, and a rule for what arrives. */
export async function seedMail(clients: ServiceClients, site: SiteEnvironment, messages: Messages): Promise<void> {
  const { mail, received } = clients;
  const { topicArn } = messages;
  const { domain: EmailIdentity, name } = site.site;
  const ConfigurationSetName = site.named('mail');
  const Tags = [{ Key: 'Site', Value: name }];
  await mail.createConfigurationSet({
    ConfigurationSetName,
    DeliveryOptions: { TlsPolicy: 'REQUIRE' },
    SuppressionOptions: { SuppressedReasons: ['BOUNCE'] },
    Tags,
  });
  await mail.createConfigurationSetEventDestination({
    ConfigurationSetName,
    EventDestinationName: 'complaints',
    EventDestination: {
      Enabled: true,
      MatchingEventTypes: ['COMPLAINT'],
      SnsDestination: { TopicArn: topicArn },
    },
  });
  await mail.createEmailIdentity({ EmailIdentity, ConfigurationSetName, Tags });
  await mail.putEmailIdentityMailFromAttributes({
    EmailIdentity,
    MailFromDomain: `mail.${EmailIdentity}`,
    BehaviorOnMxFailure: 'REJECT_MESSAGE',
  });
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: serviceRole(site) }, Action: 'ses:SendEmail', Resource: identityArn(site) },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await mail.createEmailIdentityPolicy({ EmailIdentity, PolicyName: 'services', Policy });
  const bounces = { Identity: EmailIdentity, NotificationType: 'Bounce' } as const;
  await received.setIdentityNotificationTopic({ ...bounces, SnsTopic: topicArn });
  await mail.createEmailTemplate({
    TemplateName: site.named('welcome'),
    TemplateContent: { Subject: 'Welcome {{name}}', Text: `Hello from ${EmailIdentity}` },
  });
  // Suppressed addresses are the account's.
  await mail.putSuppressedDestination({ EmailAddress: `gone@${EmailIdentity}`, Reason: 'BOUNCE' });
  await received.createReceiptRule({
    RuleSetName: rules,
    Rule: {
      Name: site.named('orders'),
      Enabled: true,
      Recipients: [`orders@${EmailIdentity}`],
      TlsPolicy: 'Require',
      ScanEnabled: true,
      // moto looks for buckets and functions where it keeps its own, which here are served by others.
      Actions: [{ SNSAction: { TopicArn: topicArn, Encoding: 'Base64' } }],
    },
  });
}
