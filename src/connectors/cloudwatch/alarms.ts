import type { CloudWatch, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { DocumentKind, DocumentPart } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { actionNames, actions, actionsEnabled } from './actions.ts';
import { alarmAccess, passing } from './alarm-access.ts';
import { tags } from './tags.ts';

const access = alarmAccess({
  alarmType: 'MetricAlarm',
  kind: 'alarms',
  operation: 'PutMetricAlarm',
  write: async (client, input) => await client.putMetricAlarm(input),
  isForeign: isOfAutoScaling,
});

/** Made, changed and deleted by a target tracking policy, which brings its alarms along. */
function isOfAutoScaling({ AlarmName = '', AlarmDescription = '' }: MetricAlarm): boolean {
  return AlarmName.startsWith('TargetTracking-') && AlarmDescription.startsWith('DO NOT EDIT OR DELETE');
}

const alarm: DocumentPart<CloudWatch> = {
  file: 'alarm.json',
  async read(scene, address, listed) {
    const all = Object.entries(await access.read(scene, address, listed));
    return Object.fromEntries(all.filter(([name]) => !passing.test(name) && !actionNames.includes(name)));
  },
  async write(scene, address, wanted) {
    const kept = pick(await access.read(scene, address), ...actionNames);
    await access.put(scene, address.name, { ...(wanted as object), ...kept });
  },
};

export const alarms: DocumentKind<CloudWatch> = {
  kind: 'alarms',
  list: access.list,
  parts: [alarm, actions(access.ways), tags, actionsEnabled(access.ways)],
  live: {
    find: access.find,
    create: async (scene, name, documents) =>
      await access.create(scene, name, documents, documents.get(alarm.file) as object),
  },
  notes: () => [
    {
      class: 'lost',
      what: 'metric data, and the history of the alarm',
      why: 'CloudWatch takes measurements only for the last two weeks, and no history at all.',
      action: 'Where measurements must survive, send them to a bucket with a metric stream.',
    },
  ],
};
