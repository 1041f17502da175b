import type { Endpoints } from '../../emulators/index.ts';
import { sortedList, without, type DescribedItem } from '../description.ts';
import { serviceClients, type ServiceClients } from '../seed/services/clients.ts';
import { readAccelerators, readBackups, readDoors, readElsewhere } from './edges.ts';

/** Dates, counters, ids and hosts that a service gives anew, or changes by itself. */
const volatile = (
  '$metadata CreatedDate CreationDate createdDate lastUpdatedDate LastModifiedDate revisionId AlarmConfigurationUpdatedTimestamp ' +
  'StateUpdatedTimestamp StateTransitionedTimestamp creationDate EstimatedNumberOfUsers StateReason StateReasonData StateValue SubscriptionArn LastModificationDate'
).split(' ');

/** What `seedServices` made, one item for each thing that a program could notice, by the SDK alone. */
export async function readServices(endpoints: Endpoints): Promise<DescribedItem[]> {
  const clients = serviceClients(endpoints);
  try {
    const parts = await Promise.all([
      readMessages(clients),
      readSecrets(clients),
      readConsumers(clients),
      readApis(clients),
      readPools(clients),
      readImages(clients),
      readMail(clients),
      readBackups(clients),
      readDoors(clients),
      readAccelerators(clients),
      readElsewhere(clients),
    ]);
    return parts.flat().map(([name, value]) => [name, without(value, ...volatile)]);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

async function readMessages({ kms, sqs, sns }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  const { Aliases = [] } = await kms.listAliases({});
  for (const { AliasName = '', TargetKeyId } of Aliases) {
    if (AliasName.startsWith('alias/aws/')) continue;
    const { Policy = '' } = await kms.getKeyPolicy({ KeyId: TargetKeyId, PolicyName: 'default' });
    items.push([`kms/${AliasName}`, [TargetKeyId, JSON.parse(Policy)]]);
  }
  const { QueueUrls = [] } = await sqs.listQueues({});
  for (const QueueUrl of QueueUrls) {
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
    const settled = without(parsed(Attributes), 'CreatedTimestamp', 'LastModifiedTimestamp');
    items.push([`sqs/${QueueUrl.split('/').at(-1)}`, [settled, (await sqs.listQueueTags({ QueueUrl })).Tags]]);
  }
  const { Topics = [] } = await sns.listTopics({});
  for (const { TopicArn = '' } of Topics) {
    const { Attributes } = await sns.getTopicAttributes({ TopicArn });
    const { Subscriptions } = await sns.listSubscriptionsByTopic({ TopicArn });
    items.push([`sns/${TopicArn.split(':').at(-1)}`, [parsed(Attributes), sortedList(Subscriptions)]]);
  }
  return items;
}

/** Attributes that are JSON texts, whose fields have no order. */
function parsed(attributes: Readonly<Record<string, string>> = {}): unknown {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, value.startsWith('{') ? JSON.parse(value) : value]),
  );
}

async function readSecrets({ secrets, ssm }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  const { SecretList = [] } = await secrets.listSecrets({});
  for (const { Name = '', KmsKeyId, Tags } of SecretList) {
    const { SecretString } = await secrets.getSecretValue({ SecretId: Name });
    const { ResourcePolicy = '{}' } = await secrets.getResourcePolicy({ SecretId: Name });
    items.push([`secret/${Name}`, [SecretString, KmsKeyId, Tags, JSON.parse(ResourcePolicy)]]);
  }
  const found = await ssm.getParametersByPath({ Path: '/', Recursive: true, WithDecryption: true });
  for (const { Name = '', Value, Type } of found.Parameters ?? []) items.push([`parameter${Name}`, [Value, Type]]);
  return items;
}

async function readConsumers(clients: ServiceClients): Promise<DescribedItem[]> {
  const { events, scheduler, states, cloudwatch } = clients;
  const items: DescribedItem[] = [];
  for (const { Name, EventPattern = '{}', ...rule } of (await events.listRules({})).Rules ?? []) {
    const { Targets } = await events.listTargetsByRule({ Rule: Name });
    items.push([`rule/${Name}`, [rule, JSON.parse(EventPattern), sortedList(Targets)]]);
  }
  for (const { Name, GroupName } of (await scheduler.listSchedules({})).Schedules ?? [])
    items.push([`schedule/${Name}`, await scheduler.getSchedule({ Name, GroupName })]);
  for (const { stateMachineArn, name } of (await states.listStateMachines({})).stateMachines ?? []) {
    const { definition = '', roleArn } = await states.describeStateMachine({ stateMachineArn });
    items.push([`machine/${name}`, [JSON.parse(definition), roleArn]]);
  }
  for (const alarm of (await cloudwatch.describeAlarms({})).MetricAlarms ?? [])
    items.push([`alarm/${alarm.AlarmName}`, alarm]);
  return items;
}

async function readApis({ rest, http, acm }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  for (const { id: restApiId, name } of (await rest.getRestApis({})).items ?? []) {
    const { items: resources } = await rest.getResources({ restApiId, embed: ['methods'] });
    items.push([`rest/${name}`, [sortedList(resources), (await rest.getStages({ restApiId })).item]]);
  }
  for (const { name, value } of (await rest.getApiKeys({ includeValues: true })).items ?? [])
    items.push([`key/${name}`, value]);
  for (const { ApiId, Name } of (await http.getApis({})).Items ?? []) {
    const { Items: routes } = await http.getRoutes({ ApiId });
    const { Items: integrations } = await http.getIntegrations({ ApiId });
    items.push([`http/${Name}`, [sortedList(routes), sortedList(integrations)]]);
  }
  for (const { DomainName, DomainNameConfigurations } of (await http.getDomainNames({})).Items ?? [])
    items.push([`domain/${DomainName}`, DomainNameConfigurations]);
  for (const { CertificateArn, DomainName } of (await acm.listCertificates({})).CertificateSummaryList ?? [])
    items.push([`certificate/${CertificateArn}`, DomainName]);
  return items;
}

async function readPools({ cognito }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  for (const { Id: UserPoolId, Name } of (await cognito.listUserPools({ MaxResults: 60 })).UserPools ?? []) {
    const { UserPool } = await cognito.describeUserPool({ UserPoolId });
    const { UserPoolClients = [] } = await cognito.listUserPoolClients({ UserPoolId });
    const clients = UserPoolClients.map(async ({ ClientId }) => {
      return (await cognito.describeUserPoolClient({ UserPoolId, ClientId })).UserPoolClient;
    });
    const { Users = [] } = await cognito.listUsers({ UserPoolId });
    const people = Users.map(({ Username, Attributes, Enabled }) => [Username, Attributes, Enabled]);
    items.push([`pool/${Name}`, [UserPool, sortedList(await Promise.all(clients)), sortedList(people)]]);
  }
  return items;
}

async function readImages({ ecr }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  for (const { createdAt: _, ...repository } of (await ecr.describeRepositories({})).repositories ?? []) {
    const { repositoryName = '', repositoryArn } = repository;
    const { tags } = await ecr.listTagsForResource({ resourceArn: repositoryArn });
    const { policyText = '{}' } = await ecr.getRepositoryPolicy({ repositoryName });
    const { lifecyclePolicyText = '{}' } = await ecr.getLifecyclePolicy({ repositoryName });
    items.push([
      `repository/${repositoryName}`,
      [repository, sortedList(tags), JSON.parse(policyText), JSON.parse(lifecyclePolicyText)],
    ]);
    const { imageDetails = [] } = await ecr.describeImages({ repositoryName });
    for (const { imageDigest = '', imageTags } of imageDetails) {
      const { images: [image] = [] } = await ecr.batchGetImage({ repositoryName, imageIds: [{ imageDigest }] });
      const manifest = image?.imageManifest ?? '{}';
      const { layers = [] } = JSON.parse(manifest) as { readonly layers?: readonly { readonly digest: string }[] };
      const layerDigests = layers.map(({ digest }) => digest);
      const there = await ecr.batchCheckLayerAvailability({ repositoryName, layerDigests });
      items.push([
        `image/${repositoryName}/${imageDigest}`,
        [sortedList(imageTags), manifest, sortedList(there.layers)],
      ]);
    }
  }
  return items;
}

/** Without DKIM's tokens, which a domain gets anew, and what SES finds out by itself. */
async function readMail({ mail, received }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  for (const { IdentityName: EmailIdentity = '' } of (await mail.listEmailIdentities({})).EmailIdentities ?? []) {
    const identity = await mail.getEmailIdentity({ EmailIdentity });
    const { ConfigurationSetName, Tags, Policies = {}, MailFromAttributes } = identity;
    const policies = Object.entries(Policies).map(([name, text]) => [name, JSON.parse(text) as unknown]);
    const told = await received.getIdentityNotificationAttributes({ Identities: [EmailIdentity] });
    items.push([
      `mail/${EmailIdentity}`,
      [ConfigurationSetName, Tags, policies, MailFromAttributes, told.NotificationAttributes],
    ]);
  }
  for (const ConfigurationSetName of (await mail.listConfigurationSets({})).ConfigurationSets ?? []) {
    const { DeliveryOptions, SuppressionOptions, Tags } = await mail.getConfigurationSet({ ConfigurationSetName });
    const { EventDestinations } = await mail.getConfigurationSetEventDestinations({ ConfigurationSetName });
    items.push([`mail-set/${ConfigurationSetName}`, [DeliveryOptions, SuppressionOptions, Tags, EventDestinations]]);
  }
  for (const { TemplateName = '' } of (await mail.listEmailTemplates({})).TemplatesMetadata ?? [])
    items.push([`mail-template/${TemplateName}`, (await mail.getEmailTemplate({ TemplateName })).TemplateContent]);
  const suppressed = (await mail.listSuppressedDestinations({})).SuppressedDestinationSummaries ?? [];
  items.push(['mail-suppressed', suppressed.map(({ EmailAddress, Reason }) => `${EmailAddress} ${Reason}`).sort()]);
  const { Metadata, Rules } = await received.describeActiveReceiptRuleSet({});
  items.push([`mail-rules/${Metadata?.Name}`, Rules]);
  return items;
}
