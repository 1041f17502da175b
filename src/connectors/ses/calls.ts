import type { SES } from '@aws-sdk/client-ses';
import type { SESv2 } from '@aws-sdk/client-sesv2';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** Receiving mail, and notifications of identities, are known to the older version only. */
export interface Clients {
  readonly v2: SESv2;
  readonly v1: SES;
}

/** The clients for the account and region at hand; the SDK packages are imported when first needed. */
export async function sesClients(aws: AwsAccess): Promise<Clients> {
  const [v2, v1] = await Promise.all([import('@aws-sdk/client-sesv2'), import('@aws-sdk/client-ses')]);
  return { v2: aws.client(v2.SESv2), v1: aws.client(v1.SES) };
}

const ses = (...operations: readonly string[]) => operations.map((operation) => call('ses', operation));

export const captureCalls = ses(
  'ListEmailIdentities',
  'GetEmailIdentity',
  'GetIdentityNotificationAttributes',
  'ListConfigurationSets',
  'GetConfigurationSet',
  'GetConfigurationSetEventDestinations',
  'ListEmailTemplates',
  'GetEmailTemplate',
  'ListContactLists',
  'GetContactList',
  'ListContacts',
  'GetContact',
  'GetAccount',
  'ListSuppressedDestinations',
  'ListReceiptRuleSets',
  'DescribeReceiptRuleSet',
  'DescribeActiveReceiptRuleSet',
  'ListReceiptFilters',
);

export const restoreCalls = [
  ...captureCalls,
  call('ses', 'CreateEmailIdentity', 'ses:CreateEmailIdentity', 'ses:TagResource'),
  call('ses', 'CreateConfigurationSet', 'ses:CreateConfigurationSet', 'ses:TagResource'),
  call('ses', 'CreateEmailTemplate', 'ses:CreateEmailTemplate', 'ses:TagResource'),
  call('ses', 'CreateContactList', 'ses:CreateContactList', 'ses:TagResource'),
  ...ses(
    'PutEmailIdentityConfigurationSetAttributes',
    'PutEmailIdentityFeedbackAttributes',
    'PutEmailIdentityDkimAttributes',
    'PutEmailIdentityMailFromAttributes',
    'CreateEmailIdentityPolicy',
    'UpdateEmailIdentityPolicy',
    'DeleteEmailIdentityPolicy',
    'SetIdentityNotificationTopic',
    'SetIdentityHeadersInNotificationsEnabled',
    'PutConfigurationSetTrackingOptions',
    'PutConfigurationSetDeliveryOptions',
    'PutConfigurationSetReputationOptions',
    'PutConfigurationSetSendingOptions',
    'PutConfigurationSetSuppressionOptions',
    'PutConfigurationSetVdmOptions',
    'PutConfigurationSetArchivingOptions',
    'CreateConfigurationSetEventDestination',
    'UpdateConfigurationSetEventDestination',
    'DeleteConfigurationSetEventDestination',
    'UpdateEmailTemplate',
    'UpdateContactList',
    'CreateContact',
    'UpdateContact',
    'DeleteContact',
    'PutSuppressedDestination',
    'DeleteSuppressedDestination',
    'PutAccountSuppressionAttributes',
    'PutAccountVdmAttributes',
    'PutAccountDedicatedIpWarmupAttributes',
    'CreateReceiptRuleSet',
    'CreateReceiptRule',
    'UpdateReceiptRule',
    'DeleteReceiptRule',
    'ReorderReceiptRuleSet',
    'SetActiveReceiptRuleSet',
    'CreateReceiptFilter',
    'DeleteReceiptFilter',
    'TagResource',
    'UntagResource',
  ),
];
