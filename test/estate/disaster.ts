import { paginateListAccelerators, type Accelerator } from '@aws-sdk/client-global-accelerator';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { Endpoints } from '../emulators/index.ts';
import { createClients } from './clients.ts';
import { serviceClients } from './seed/services/clients.ts';
import { repositoryOf } from './seed/services/images.ts';
import { account, environmentsOf } from './sites.ts';

/** The site the disaster hits, and no other. */
export const struckSite = 'queenofsandiego';

export interface Disaster {
  /** Names of what was struck. */
  readonly lambdaFunction: string;
  readonly table: string;
  readonly bucket: string;
  readonly zone: string;
  readonly objectsDeleted: number;
  readonly recordsDeleted: number;
}

/** Deletes a Lambda function, a table, half of a bucket's objects and the records of one site. */
export async function strikeDisaster(endpoints: Endpoints): Promise<Disaster> {
  const site = environmentsOf('small').find(({ environment }) => environment === 'prod');
  if (site?.site.name !== struckSite) throw new Error(`the estate has no site ${struckSite} to strike`);
  const clients = createClients(endpoints);
  const struck = {
    lambdaFunction: site.named('api'),
    table: site.named('bookings'),
    bucket: site.named('assets'),
    zone: site.site.domain,
  };
  try {
    await clients.lambda.send(new DeleteFunctionCommand({ FunctionName: struck.lambdaFunction }));
    await clients.dynamodb.send(new DeleteTableCommand({ TableName: struck.table }));
    const objectsDeleted = await deleteEverySecondObject(clients.s3, struck.bucket);
    const recordsDeleted = await deleteRecords(clients.route53, struck.zone);
    return { ...struck, objectsDeleted, recordsDeleted };
  } finally {
    clients.close();
  }
}

/** Deletes what has a name and no generated id in the services around that site (`seedServices`). */
export async function strikeServices(endpoints: Endpoints): Promise<void> {
  const site = environmentsOf('small').find(({ environment }) => environment === 'prod');
  if (site === undefined) throw new Error('the estate has no site to strike');
  const clients = serviceClients(endpoints);
  try {
    const { QueueUrl } = await clients.sqs.getQueueUrl({ QueueName: site.named('jobs') });
    await clients.sqs.deleteQueue({ QueueUrl });
    await clients.scheduler.deleteSchedule({ Name: site.named('nightly') });
    await clients.cloudwatch.deleteAlarms({ AlarmNames: [site.named('errors')] });
    const Rule = site.named('uploaded');
    await clients.events.removeTargets({ Rule, Ids: ['queue', 'function', 'machine'] });
    await clients.events.deleteRule({ Name: Rule });
    await clients.ecr.deleteRepository({ repositoryName: repositoryOf(site), force: true });
    await clients.lambda.deleteFunction({ FunctionName: site.named('worker') });
    await clients.mail.deleteEmailIdentity({ EmailIdentity: site.site.domain });
    await clients.mail.deleteEmailTemplate({ TemplateName: site.named('welcome') });
    await clients.mail.deleteConfigurationSet({ ConfigurationSetName: site.named('mail') });
    await clients.ssm.deleteParameter({ Name: `/${site.site.name}/prod/password` });
    await clients.backup.deleteBackupVault({ BackupVaultName: site.named('vault') });
    await clients.control.deleteAccessPoint({ AccountId: account, Name: site.named('partner') });
    await clients.control.deletePublicAccessBlock({ AccountId: account });
    await clients.lightsail.deleteAlarm({ alarmName: site.named('busy') });
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

/** Deletes the accelerator of that site, as its owner would: off, then from the inside out. It comes back under other names. */
export async function strikeAccelerator(endpoints: Endpoints): Promise<void> {
  const { accelerator, ...others } = serviceClients(endpoints);
  try {
    const all: Accelerator[] = [];
    for await (const { Accelerators = [] } of paginateListAccelerators({ client: accelerator }, {}))
      all.push(...Accelerators);
    const { AcceleratorArn } = all.find(({ Name }) => Name?.startsWith(struckSite)) ?? {};
    await accelerator.updateAccelerator({ AcceleratorArn, Enabled: false });
    for (const { ListenerArn } of (await accelerator.listListeners({ AcceleratorArn })).Listeners ?? []) {
      for (const { EndpointGroupArn } of (await accelerator.listEndpointGroups({ ListenerArn })).EndpointGroups ?? [])
        await accelerator.deleteEndpointGroup({ EndpointGroupArn });
      await accelerator.deleteListener({ ListenerArn });
    }
    await accelerator.deleteAccelerator({ AcceleratorArn });
  } finally {
    for (const client of [accelerator, ...Object.values(others)]) client.destroy();
  }
}

async function deleteEverySecondObject(s3: S3Client, Bucket: string): Promise<number> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const Objects = Contents.filter((_, index) => index % 2 === 0).map(({ Key }) => ({ Key }));
  const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  if (Errors.length > 0) throw new Error(`${Errors.length} objects of ${Bucket} could not be deleted`);
  return Objects.length;
}

async function deleteRecords(route53: Route53Client, domain: string): Promise<number> {
  const { HostedZones = [] } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: domain, MaxItems: 1 }));
  const HostedZoneId = HostedZones[0]?.Id;
  const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  const Changes = ResourceRecordSets.filter(
    ({ Name, Type }) => Name !== `${domain}.` || (Type !== 'NS' && Type !== 'SOA'),
  ).map((ResourceRecordSet) => ({ Action: 'DELETE' as const, ResourceRecordSet }));
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  return Changes.length;
}
