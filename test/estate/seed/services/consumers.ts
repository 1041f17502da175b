import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import { serviceRole } from './role.ts';
import type { ServiceClients } from './clients.ts';
import type { Messages } from './messages.ts';

/** What acts by itself: a rule, a schedule, a state machine and alarms, each naming functions, queues and topics. */
export async function seedConsumers(clients: ServiceClients, site: SiteEnvironment, messages: Messages): Promise<void> {
  const { events, scheduler, cloudwatch } = clients;
  const functionArn = (purpose: string): string =>
    `arn:aws:lambda:${homeRegion}:${account}:function:${site.named(purpose)}`;
  const tags = [{ Key: 'Site', Value: site.site.name }];
  const machine = await seedMachine(clients, site, functionArn('nightly'), messages);
  const Rule = site.named('uploaded');
  const { RuleArn } = await events.putRule({
    Name: Rule,
    EventPattern: JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: [site.named('uploads')] } } }),
    Tags: tags,
  });
  await events.putTargets({
    Rule,
    Targets: [
      { Id: 'function', Arn: functionArn('uploads'), DeadLetterConfig: { Arn: messages.deadArn } },
      { Id: 'queue', Arn: messages.queueArn },
      { Id: 'machine', Arn: machine, RoleArn: serviceRole(site) },
    ],
  });
  await clients.lambda.addPermission({
    FunctionName: site.named('uploads'),
    StatementId: 'from-rule',
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    SourceArn: RuleArn,
  });
  await scheduler.createSchedule({
    Name: site.named('nightly'),
    ScheduleExpression: 'cron(0 3 * * ? *)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: functionArn('nightly'),
      RoleArn: serviceRole(site),
      Input: JSON.stringify({ topic: messages.topicArn }),
      DeadLetterConfig: { Arn: messages.deadArn },
    },
  });
  await cloudwatch.putMetricAlarm({
    AlarmName: site.named('errors'),
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: site.named('api') }],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    AlarmActions: [messages.topicArn],
    OKActions: [messages.topicArn],
    Tags: tags,
  });
}

async function seedMachine(
  { states }: ServiceClients,
  site: SiteEnvironment,
  functionArn: string,
  { topicArn, queueUrl }: Messages,
): Promise<string> {
  const definition = {
    StartAt: 'work',
    States: {
      work: { Type: 'Task', Resource: functionArn, Next: 'tell' },
      tell: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish',
        Parameters: { TopicArn: topicArn, Message: 'done' },
        Next: 'queue',
      },
      queue: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage',
        Parameters: { QueueUrl: queueUrl, MessageBody: 'done' },
        End: true,
      },
    },
  };
  const { stateMachineArn = '' } = await states.createStateMachine({
    name: site.named('orders'),
    roleArn: serviceRole(site),
    definition: JSON.stringify(definition),
    tags: [{ key: 'Site', value: site.site.name }],
  });
  return stateMachineArn;
}
