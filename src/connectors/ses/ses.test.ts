import { S3 } from '@aws-sdk/client-s3';
import { SES } from '@aws-sdk/client-ses';
import { SESv2 } from '@aws-sdk/client-sesv2';
import { SNS } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { startSes } from '../../../test/stand-ins/ses/server.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const topic = (where = region): string => `arn:aws:sns:${where}:123456789012:mail`;
const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '123456789013' }, Action: 'ses:SendEmail', Resource: '*' }],
};
const rule = (Name: string, ScanEnabled: boolean) => ({
  Name,
  Enabled: true,
  Recipients: [`${Name}@acme.example`],
  ScanEnabled,
  TlsPolicy: 'Require' as const,
  Actions: [{ S3Action: { BucketName: 'inbox', ObjectKeyPrefix: `${Name}/`, TopicArn: topic() } }],
});

let started: Promise<void> | undefined;
async function emulators(): Promise<void> {
  started ??= Promise.all([startMoto(), startSes()]).then(async ([moto, ses]) => {
    cleanups.push(
      () => moto.stop(),
      () => ses.stop(),
      useEndpoints({ all: moto.endpoint, services: { sesv2: ses.endpoint } }),
    );
    await new S3({ region, forcePathStyle: true }).createBucket({ Bucket: 'inbox' });
    for (const where of [region, 'eu-west-1']) await new SNS({ region: where }).createTopic({ Name: 'mail' });
  });
  await started;
}

/** What somebody could notice who sends and receives, without states, dates and tokens. */
async function readBack(where: string): Promise<unknown> {
  const v2 = new SESv2({ region: where });
  const v1 = new SES({ region: where });
  const found: Record<string, unknown> = {};
  for (const { IdentityName: name = '' } of (await v2.listEmailIdentities({})).EmailIdentities ?? []) {
    const { Policies, Tags, ConfigurationSetName, FeedbackForwardingStatus, ...more } = await v2.getEmailIdentity({
      EmailIdentity: name,
    });
    const { MailFromDomain, BehaviorOnMxFailure } = more.MailFromAttributes ?? {};
    const topics = (await v1.getIdentityNotificationAttributes({ Identities: [name] })).NotificationAttributes?.[name];
    const texts = Object.entries(Policies ?? {}).map(([id, text]) => [id, JSON.parse(text) as unknown]);
    const dkim = more.DkimAttributes?.SigningEnabled;
    const facts = { Tags, ConfigurationSetName, FeedbackForwardingStatus, MailFromDomain, BehaviorOnMxFailure };
    found[`identity ${name}`] = { ...facts, dkim, texts, topics };
  }
  for (const ConfigurationSetName of (await v2.listConfigurationSets({})).ConfigurationSets ?? []) {
    const { $metadata: _, ReputationOptions, ...set } = await v2.getConfigurationSet({ ConfigurationSetName });
    const { EventDestinations } = await v2.getConfigurationSetEventDestinations({ ConfigurationSetName });
    const counts = ReputationOptions?.ReputationMetricsEnabled;
    found[`set ${ConfigurationSetName}`] = { ...set, counts, EventDestinations };
  }
  for (const { TemplateName } of (await v2.listEmailTemplates({})).TemplatesMetadata ?? []) {
    const { TemplateContent, Tags } = await v2.getEmailTemplate({ TemplateName });
    found[`template ${TemplateName}`] = { TemplateContent, Tags };
  }
  for (const { ContactListName } of (await v2.listContactLists({})).ContactLists ?? []) {
    const { Description, Topics, Tags } = await v2.getContactList({ ContactListName });
    const contacts: unknown[] = [];
    for (const { EmailAddress } of (await v2.listContacts({ ContactListName })).Contacts ?? []) {
      const { TopicPreferences, UnsubscribeAll, AttributesData } = await v2.getContact({
        ContactListName,
        EmailAddress,
      });
      contacts.push([EmailAddress, { TopicPreferences, UnsubscribeAll, AttributesData }]);
    }
    contacts.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    found[`list ${ContactListName}`] = { Description, Topics, Tags, contacts };
  }
  const { SuppressionAttributes, VdmAttributes, DedicatedIpAutoWarmupEnabled } = await v2.getAccount({});
  SuppressionAttributes?.SuppressedReasons?.sort((a, b) => (a < b ? -1 : 1));
  const suppressed = (await v2.listSuppressedDestinations({ PageSize: 1000 })).SuppressedDestinationSummaries ?? [];
  found['suppressed'] = suppressed.map(({ EmailAddress, Reason }) => `${EmailAddress} ${Reason}`).sort();
  found['account'] = { SuppressionAttributes, VdmAttributes, DedicatedIpAutoWarmupEnabled };
  for (const { Name } of (await v1.listReceiptRuleSets({})).RuleSets ?? [])
    found[`rules ${Name}`] = (await v1.describeReceiptRuleSet({ RuleSetName: Name })).Rules;
  found['active'] = (await v1.describeActiveReceiptRuleSet({})).Metadata?.Name ?? null;
  found['filters'] = (await v1.listReceiptFilters({})).Filters ?? [];
  return JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))));
}

describeConnector('ses', async () => {
  await emulators();
  const v2 = new SESv2({ region });
  const v1 = new SES({ region });
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 4,
    servedBy: 'a stand-in of ours for version 2, moto for version 1',
    unverified: ['verification of domains and addresses, DKIM keys of other regions', 'pools of dedicated addresses'],
    readBack,
    async seed() {
      const ConfigurationSetName = 'site';
      await v2.createConfigurationSet({
        ConfigurationSetName,
        TrackingOptions: { CustomRedirectDomain: 'click.acme.example' },
        DeliveryOptions: { TlsPolicy: 'REQUIRE' },
        SuppressionOptions: { SuppressedReasons: ['BOUNCE'] },
        VdmOptions: { GuardianOptions: { OptimizedSharedDelivery: 'ENABLED' } },
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await v2.createConfigurationSetEventDestination({
        ConfigurationSetName,
        EventDestinationName: 'bounces',
        EventDestination: {
          Enabled: true,
          MatchingEventTypes: ['BOUNCE', 'COMPLAINT'],
          SnsDestination: { TopicArn: topic() },
        },
      });
      await v2.createConfigurationSet({ ConfigurationSetName: 'plain' });
      const EmailIdentity = 'acme.example';
      await v2.createEmailIdentity({ EmailIdentity, ConfigurationSetName, Tags: [{ Key: 'site', Value: 'acme' }] });
      await v2.putEmailIdentityMailFromAttributes({
        EmailIdentity,
        MailFromDomain: 'mail.acme.example',
        BehaviorOnMxFailure: 'REJECT_MESSAGE',
      });
      await v2.putEmailIdentityFeedbackAttributes({ EmailIdentity, EmailForwardingEnabled: false });
      await v2.createEmailIdentityPolicy({ EmailIdentity, PolicyName: 'partner', Policy: JSON.stringify(policy) });
      await v1.setIdentityNotificationTopic({
        Identity: EmailIdentity,
        NotificationType: 'Bounce',
        SnsTopic: topic(),
      });
      await v1.setIdentityHeadersInNotificationsEnabled({
        Identity: EmailIdentity,
        NotificationType: 'Bounce',
        Enabled: true,
      });
      await v2.createEmailIdentity({ EmailIdentity: 'ops@acme.example' });
      const TemplateContent = { Subject: 'Welcome {{name}}', Text: 'Hello', Html: '<p>Hello</p>' };
      await v2.createEmailTemplate({ TemplateName: 'welcome', TemplateContent });
      await v2.createEmailTemplate({ TemplateName: 'farewell', TemplateContent: { Subject: 'Bye', Text: 'Bye' } });
      await v2.createContactList({
        ContactListName: 'readers',
        Description: 'of the letter',
        Topics: [{ TopicName: 'news', DisplayName: 'News', DefaultSubscriptionStatus: 'OPT_IN' }],
      });
      const ContactListName = 'readers';
      for (const EmailAddress of ['ann@example.com', 'ben@example.com', 'cat@example.com'])
        await v2.createContact({
          ContactListName,
          EmailAddress,
          UnsubscribeAll: EmailAddress.startsWith('cat'),
          TopicPreferences: [{ TopicName: 'news', SubscriptionStatus: 'OPT_IN' }],
          AttributesData: JSON.stringify({ name: EmailAddress.slice(0, 3) }),
        });
      // More than a page.
      for (let i = 0; i < 150; i++)
        await v2.putSuppressedDestination({ EmailAddress: `gone${i}@example.com`, Reason: 'BOUNCE' });
      await v2.putAccountSuppressionAttributes({ SuppressedReasons: ['COMPLAINT', 'BOUNCE'] });
      for (const RuleSetName of ['old', 'inbound']) await v1.createReceiptRuleSet({ RuleSetName });
      await v1.createReceiptRule({ RuleSetName: 'inbound', Rule: rule('first', true) });
      await v1.createReceiptRule({ RuleSetName: 'inbound', Rule: rule('second', false), After: 'first' });
      await v1.createReceiptRule({ RuleSetName: 'inbound', Rule: rule('third', false), After: 'second' });
      await v1.setActiveReceiptRuleSet({ RuleSetName: 'inbound' });
      await v1.createReceiptFilter({
        Filter: { Name: 'spammers', IpFilter: { Policy: 'Block', Cidr: '10.0.0.1/24' } },
      });
    },
    async damage() {
      await v2.deleteConfigurationSet({ ConfigurationSetName: 'site' });
      await v2.putConfigurationSetSendingOptions({ ConfigurationSetName: 'plain', SendingEnabled: false });
      await v2.deleteEmailIdentity({ EmailIdentity: 'ops@acme.example' });
      const EmailIdentity = 'acme.example';
      await v2.putEmailIdentityMailFromAttributes({ EmailIdentity, MailFromDomain: 'evil.example' });
      await v2.putEmailIdentityDkimAttributes({ EmailIdentity, SigningEnabled: false });
      await v2.deleteEmailIdentityPolicy({ EmailIdentity, PolicyName: 'partner' });
      await v2.createEmailIdentityPolicy({ EmailIdentity, PolicyName: 'intruder', Policy: JSON.stringify(policy) });
      await v1.setIdentityNotificationTopic({ Identity: EmailIdentity, NotificationType: 'Bounce' });
      await v2.deleteEmailTemplate({ TemplateName: 'farewell' });
      await v2.updateEmailTemplate({ TemplateName: 'welcome', TemplateContent: { Subject: 'Pay {{name}}', Text: '' } });
      await v2.updateContactList({ ContactListName: 'readers', Topics: [] });
      const ContactListName = 'readers';
      await v2.deleteContact({ ContactListName, EmailAddress: 'ann@example.com' });
      const AttributesData = '{"name":"intruder"}';
      await v2.updateContact({ ContactListName, EmailAddress: 'ben@example.com', AttributesData });
      await v2.createContact({ ContactListName, EmailAddress: 'intruder@example.com' });
      await v2.deleteSuppressedDestination({ EmailAddress: 'gone7@example.com' });
      await v2.putSuppressedDestination({ EmailAddress: 'gone8@example.com', Reason: 'COMPLAINT' });
      await v2.putSuppressedDestination({ EmailAddress: 'intruder@example.com', Reason: 'BOUNCE' });
      await v2.putAccountSuppressionAttributes({ SuppressedReasons: [] });
      await v1.setActiveReceiptRuleSet({ RuleSetName: 'old' });
      await v1.deleteReceiptRule({ RuleSetName: 'inbound', RuleName: 'first' });
      await v1.updateReceiptRule({ RuleSetName: 'inbound', Rule: rule('third', true) });
      await v1.createReceiptRule({ RuleSetName: 'inbound', Rule: rule('intruder', true), After: 'third' });
      await v1.createReceiptRule({ RuleSetName: 'old', Rule: rule('intruder', true) });
      await v1.deleteReceiptFilter({ FilterName: 'spammers' });
      const allow = { Name: 'spammers', IpFilter: { Policy: 'Allow', Cidr: '10.0.0.1/24' } } as const;
      await v1.createReceiptFilter({ Filter: allow });
    },
  };
});

describe('ses: what people must do', () => {
  it('tells records and links, and begins to receive at the very end', async () => {
    await emulators();
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const there = conformanceContext({}, 'ap-south-1', 'regional', region);
    const restored = async (name: string): Promise<unknown> => {
      const resource = captured.get(name)?.captured ?? expect.fail();
      const [create] = (await connector.live?.plan(there.context, resource)) ?? [];
      return await connector.live?.apply(there.context, create ?? expect.fail(), resource);
    };
    const domain = await restored('identities/acme.example');
    expect(domain).toMatchObject({ class: 'needs-human' });
    expect(JSON.stringify(domain)).toMatch(/token\d+n1\._domainkey\.acme\.example CNAME /);
    expect(JSON.stringify(await restored('identities/ops@acme.example'))).toContain('follow the link');
    const set = captured.get('receipt-rule-sets/inbound')?.captured ?? expect.fail();
    const plan = (await connector.live?.plan(there.context, set)) ?? [];
    expect(plan.map(({ phase }) => phase)).toEqual([undefined, 'settle', 'enable']);
    const ledger = (name: string): unknown => captured.get(name)?.captured.ledger.map((note) => note.class);
    expect(ledger('account/settings')).toEqual(['needs-human']);
    expect(ledger('identities/acme.example')).toEqual(['new-identity', 'lost']);
  });
});
