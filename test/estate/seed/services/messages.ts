import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import { serviceRole } from './role.ts';
import { secretsOf } from './secrets.ts';
import type { ServiceClients } from './clients.ts';

/** What a site's queues, topic and secrets are called by others. */
export interface Messages {
  readonly keyArn: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly deadArn: string;
  readonly topicArn: string;
  readonly secretArn: string;
}

/** A key with an alias; a queue with its dead letters and a topic, encrypted with it, whose policies name each other. */
export async function seedMessages(clients: ServiceClients, site: SiteEnvironment): Promise<Messages> {
  const { kms, sqs, sns } = clients;
  const role = serviceRole(site);
  const tags = [{ Key: 'Site', Value: site.site.name }];
  const { KeyMetadata } = await kms.createKey({
    Description: `data of ${site.named('app')}`,
    Policy: policy({ Sid: 'use', Principal: { AWS: [role, `arn:aws:iam::${account}:root`] }, Action: 'kms:*' }),
    Tags: [{ TagKey: 'Site', TagValue: site.site.name }],
  });
  const keyArn = KeyMetadata?.Arn ?? '';
  const alias = `alias/${site.named('data')}`;
  await kms.createAlias({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId });

  const arn = (service: string, name: string): string => `arn:aws:${service}:${homeRegion}:${account}:${name}`;
  const [queueArn, deadArn] = [arn('sqs', site.named('jobs')), arn('sqs', site.named('jobs-dead'))];
  const topicArn = arn('sns', site.named('alarms'));
  const dead = await sqs.createQueue({ QueueName: site.named('jobs-dead'), tags: { Site: site.site.name } });
  const { QueueUrl = '' } = await sqs.createQueue({
    QueueName: site.named('jobs'),
    Attributes: {
      KmsMasterKeyId: keyArn,
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 3 }),
      Policy: policy({
        Sid: 'topic',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      }),
    },
    tags: { Site: site.site.name },
  });
  await sqs.setQueueAttributes({
    QueueUrl: dead.QueueUrl,
    Attributes: {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [queueArn] }),
    },
  });
  await sns.createTopic({
    Name: site.named('alarms'),
    Attributes: {
      KmsMasterKeyId: alias,
      Policy: policy({ Sid: 'owner', Principal: { AWS: role }, Action: 'sns:Publish', Resource: topicArn }),
    },
    Tags: tags,
  });
  await sns.subscribe({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn });
  const secretArn = await seedSecrets(clients, site, { keyArn, queueUrl: QueueUrl, topicArn });
  return { keyArn, queueArn, queueUrl: QueueUrl, deadArn, topicArn, secretArn };
}

async function seedSecrets(
  { secrets, ssm }: ServiceClients,
  site: SiteEnvironment,
  { keyArn, queueUrl, topicArn }: Pick<Messages, 'keyArn' | 'queueUrl' | 'topicArn'>,
): Promise<string> {
  const planted = secretsOf(site);
  const { ARN = '' } = await secrets.createSecret({
    Name: site.named('database'),
    KmsKeyId: keyArn,
    SecretString: JSON.stringify({ user: 'app', password: planted.earlier }),
    Tags: [{ Key: 'Site', Value: site.site.name }],
  });
  await secrets.putSecretValue({
    SecretId: ARN,
    SecretString: JSON.stringify({ user: 'app', password: planted.secret }),
  });
  await secrets.putResourcePolicy({
    SecretId: ARN,
    ResourcePolicy: policy({
      Sid: 'app',
      Principal: { AWS: serviceRole(site) },
      Action: 'secretsmanager:GetSecretValue',
    }),
  });
  const path = `/${site.site.name}/${site.environment}`;
  const parameters = [
    { Name: `${path}/password`, Value: planted.parameter, Type: 'SecureString', KeyId: keyArn },
    { Name: `${path}/queue`, Value: queueUrl, Type: 'String' },
    { Name: `${path}/topic`, Value: topicArn, Type: 'String' },
  ] as const;
  for (const parameter of parameters)
    await ssm.putParameter({ ...parameter, Tags: [{ Key: 'Site', Value: site.site.name }] });
  return ARN;
}

function policy(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...statement }] });
}
