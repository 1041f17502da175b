import type { CloudWatch, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { actionNames, actions, actionsEnabled, type AlarmWays } from './actions.ts';
import { readTags, tags } from './tags.ts';

/** What CloudWatch says of the moment. */
export const passing =
  /^(State|EvaluationState$|ActionsSuppressedBy|ActionsSuppressedReason|AlarmArn$|AlarmName$|AlarmConfigurationUpdatedTimestamp)/;

/** A list with nothing in it is said by saying nothing: an alarm of queries may not speak of dimensions. */
export function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

async function* listAlarms(scene: Scene<CloudWatch>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(
      scene.client.describeAlarms({ AlarmTypes: ['MetricAlarm'], MaxRecords: 100, NextToken }),
      'DescribeAlarms',
      'cloudwatch',
    );
  for await (const { MetricAlarms = [] } of pages(ask, (page) => page.NextToken))
    for (const alarm of MetricAlarms) {
      const { AlarmName: name = '', AlarmArn: id = '' } = alarm;
      if (isOfAutoScaling(alarm)) continue;
      const found = await readTags(scene, { id, resource: `cloudwatch/alarms/${name}` });
      yield { name, id, tags: found, listed: { tags: found, alarm: facts(alarm) } };
    }
}

/** Made, changed and deleted by a target tracking policy, which brings its alarms along. */
function isOfAutoScaling({ AlarmName = '', AlarmDescription = '' }: MetricAlarm): boolean {
  return AlarmName.startsWith('TargetTracking-') && AlarmDescription.startsWith('DO NOT EDIT OR DELETE');
}

async function find({ client }: Scene<CloudWatch>, name: string): Promise<MetricAlarm | undefined> {
  const asking = client.describeAlarms({ AlarmTypes: ['MetricAlarm'], AlarmNames: [name] });
  return (await required(asking, 'DescribeAlarms', `cloudwatch/alarms/${name}`)).MetricAlarms?.[0];
}

async function read(
  scene: Scene<CloudWatch>,
  { name, resource }: Address,
  listed?: Json,
): Promise<Record<string, Json>> {
  const known = (listed as { readonly alarm?: Record<string, Json> } | undefined)?.alarm;
  if (known) return known;
  return await scene.once('alarm', async () => {
    const found = await find(scene, name);
    if (found) return facts(found);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

/** PutMetricAlarm sets all of an alarm: what is not changed is said as it is. */
async function put(scene: Scene<CloudWatch>, AlarmName: string, whole: object): Promise<void> {
  const said = Object.entries(whole).filter(([name, value]) => !passing.test(name) && !isEmptyList(value));
  const putting = scene.client.putMetricAlarm({ ...Object.fromEntries(said), AlarmName });
  await required(putting, 'PutMetricAlarm', `cloudwatch/alarms/${AlarmName}`);
}

const ways: AlarmWays = {
  read,
  change: async (scene, address, change) => {
    await put(scene, address.name, { ...(await read(scene, address)), ...change });
  },
};

const alarm: DocumentPart<CloudWatch> = {
  file: 'alarm.json',
  async read(scene, address, listed) {
    const all = Object.entries(await read(scene, address, listed));
    return Object.fromEntries(all.filter(([name]) => !passing.test(name) && !actionNames.includes(name)));
  },
  async write(scene, address, wanted) {
    const kept = pick(await read(scene, address), ...actionNames);
    await put(scene, address.name, { ...(wanted as object), ...kept });
  },
};

/** Without its actions, which name what may not be there yet: they are written, and enabled, at the end. */
async function createAlarm(scene: Scene<CloudWatch>, name: string, documents: Documents): Promise<Created> {
  const Tags = tagList(documents.get('tags.json'));
  await put(scene, name, {
    ...(documents.get('alarm.json') as object),
    ActionsEnabled: false,
    ...(Tags.length > 0 ? { Tags } : {}),
  });
  return { id: (await find(scene, name))?.AlarmArn ?? '' };
}

export const alarms: DocumentKind<CloudWatch> = {
  kind: 'alarms',
  list: listAlarms,
  parts: [alarm, actions(ways), tags, actionsEnabled(ways)],
  live: { find: async (scene, name) => (await find(scene, name))?.AlarmArn, create: createAlarm },
  notes: () => [
    {
      class: 'lost',
      what: 'metric data, and the history of the alarm',
      why: 'CloudWatch takes measurements only for the last two weeks, and no history at all.',
      action: 'Where measurements must survive, send them to a bucket with a metric stream.',
    },
  ],
};
