import type { CloudWatch, PutCompositeAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { DocumentKind, DocumentPart } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { actionNames, actions, actionsEnabled } from './actions.ts';
import { alarmAccess, passing } from './alarm-access.ts';
import { tags } from './tags.ts';

const ruleNames = ['AlarmRule', 'ActionsSuppressor', 'ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'];

const access = alarmAccess({
  alarmType: 'CompositeAlarm',
  kind: 'composite-alarms',
  operation: 'PutCompositeAlarm',
  write: async (client, input) => await client.putCompositeAlarm(input as unknown as PutCompositeAlarmCommandInput),
});

const alarm: DocumentPart<CloudWatch> = {
  file: 'composite-alarm.json',
  async read(scene, address, listed) {
    const all = Object.entries(await access.read(scene, address, listed));
    const apart = [...actionNames, ...ruleNames];
    return Object.fromEntries(all.filter(([name]) => !passing.test(name) && !apart.includes(name)));
  },
  async write(scene, address, wanted) {
    const kept = pick(await access.read(scene, address), ...actionNames, ...ruleNames);
    await access.put(scene, address.name, { ...(wanted as object), ...kept });
  },
};

/** What it is made of: alarms, other composite alarms too, even in circles. Written when all of them are there. */
const rule: DocumentPart<CloudWatch> = {
  file: 'rule.json',
  phase: 'settle',
  async read(scene, address, listed) {
    return pick(await access.read(scene, address, listed), ...ruleNames);
  },
  async write(scene, address, wanted) {
    const live = facts(await access.read(scene, address), ...ruleNames);
    await access.put(scene, address.name, { ...live, ...(wanted as object) });
  },
};

/** After metric alarms. Made with a rule that never holds: a real one names alarms that must be there. */
export const compositeAlarms: DocumentKind<CloudWatch> = {
  kind: 'composite-alarms',
  rank: 1,
  list: access.list,
  parts: [alarm, rule, actions(access.ways), tags, actionsEnabled(access.ways)],
  live: {
    find: access.find,
    create: async (scene, name, documents) => {
      const bare = { ...(documents.get(alarm.file) as object), AlarmRule: 'FALSE' };
      return await access.create(scene, name, documents, bare);
    },
  },
};
