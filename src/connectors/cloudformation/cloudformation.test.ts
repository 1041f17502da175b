import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const stacks = new CloudFormation({ region });
const secret = 'planted-parameter-value';
const template = {
  Parameters: { Password: { Type: 'String', NoEcho: true }, Name: { Type: 'String' } },
  Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Name' } } } },
  Outputs: { Queue: { Value: { Ref: 'Queue' }, Export: { Name: 'orders-queue' } } },
};
const yaml = `# kept with its comments
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: { TopicName: news }
`;

describeConnector('cloudformation', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  return {
    connector,
    options: {},
    region,
    leastResources: 3,
    callsPerResource: 5,
    servedBy: 'moto',
    unverified: ['templates as macros left them', 'drift'],
    async seed() {
      await stacks.createStack({
        StackName: 'orders',
        TemplateBody: JSON.stringify(template),
        Parameters: [
          { ParameterKey: 'Password', ParameterValue: secret },
          { ParameterKey: 'Name', ParameterValue: 'orders' },
        ],
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await stacks.setStackPolicy({
        StackName: 'orders',
        StackPolicyBody: JSON.stringify({
          Statement: [{ Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' }],
        }),
      });
      await stacks.createStack({ StackName: 'news', TemplateBody: yaml });
      await stacks.createStackSet({ StackSetName: 'everywhere', TemplateBody: yaml });
      await stacks.createStackInstances({
        StackSetName: 'everywhere',
        Accounts: ['123456789012'],
        Regions: ['eu-west-1', 'eu-central-1'],
      });
    },
  };
});

describe('cloudformation: traps', () => {
  it('returns to a directory only, and says how resources come under a stack again', async () => {
    expect(connector.live).toBeUndefined();
    const { context } = conformanceContext({}, region, 'regional');
    const { ledger } = (await captureAll(connector, context)).get('stacks/orders')?.captured ?? { ledger: [] };
    expect(ledger.map((note) => note.class)).toEqual(['needs-human', 'lost']);
    expect(ledger[0]?.action).toContain('cdk import');
    expect(ledger[1]?.what).toBe('values of the parameters Password');
  });

  it('holds templates as they were given, resources by name, and no masked value', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    const orders = captured.get('stacks/orders')?.captured;
    expect(await orders?.json('', 'template.json')).toEqual(template);
    expect(await captured.get('stacks/news')?.captured.json('', 'template.json')).toContain('# kept with its comments');
    expect(Object.keys((await orders?.json('', 'resources.json')) as object)).toEqual(['Queue']);
    expect(await orders?.json('', 'outputs.json')).toMatchObject([{ OutputKey: 'Queue', ExportName: 'orders-queue' }]);
    expect(await captured.get('stack-sets/everywhere')?.captured.json('', 'instances.json')).toHaveLength(2);
    for (const [, { captured: resource }] of captured)
      for await (const entry of resource.entries(''))
        expect(Buffer.from(await resource.bytes(entry)).toString('utf8')).not.toContain(secret);
  });
});
