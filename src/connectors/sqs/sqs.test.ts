import { SQS } from '@aws-sdk/client-sqs';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const arn = (name: string, where = region): string => `arn:aws:sqs:${where}:123456789012:${name}`;
const policy = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'topic', Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn('orders') }],
};

describeConnector('sqs', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new SQS({ region: one })] as const));
  const sqs = clients.get(region) as SQS;
  const url = async (name: string): Promise<string> => (await sqs.getQueueUrl({ QueueName: name })).QueueUrl ?? '';
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 4,
    servedBy: 'moto',
    async seed() {
      await sqs.createQueue({ QueueName: 'dead' });
      await sqs.createQueue({ QueueName: 'invoices.fifo', Attributes: { FifoQueue: 'true', DelaySeconds: '7' } });
      await sqs.createQueue({
        QueueName: 'orders',
        Attributes: {
          VisibilityTimeout: '120',
          Policy: JSON.stringify(policy),
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 3 }),
        },
        tags: { site: 'acme' },
      });
    },
    async readBack(where) {
      const client = clients.get(where) as SQS;
      const queues: unknown[] = [];
      for (const QueueUrl of (await client.listQueues({})).QueueUrls?.sort() ?? []) {
        const { Attributes = {} } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
        const facts = Object.entries(Attributes)
          .filter(([name]) => !/Timestamp|Approximate/.test(name))
          // As documents: white space and the order of keys say nothing.
          .map(([name, value]) => [name, name.endsWith('Policy') ? (JSON.parse(value) as unknown) : value]);
        queues.push([Object.fromEntries(facts), (await client.listQueueTags({ QueueUrl })).Tags ?? {}]);
      }
      return queues;
    },
    async damage() {
      await sqs.deleteQueue({ QueueUrl: await url('dead') });
      await sqs.setQueueAttributes({ QueueUrl: await url('invoices.fifo'), Attributes: { DelaySeconds: '1' } });
      const orders = await url('orders');
      await sqs.setQueueAttributes({ QueueUrl: orders, Attributes: { Policy: '', RedrivePolicy: '' } });
      await sqs.tagQueue({ QueueUrl: orders, Tags: { site: 'other', more: 'yes' } });
    },
  };
});
