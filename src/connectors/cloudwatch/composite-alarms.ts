import type { CloudWatch, CompositeAlarm, PutCompositeAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { actionNames, actions, actionsEnabled, type AlarmWays } from './actions.ts';
import { isEmptyList, passing } from './alarms.ts';
import { readTags, tags } from './tags.ts';

const ruleNames = ['AlarmRule', 'ActionsSuppressor', 'ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'];

async function* listAlarms(scene: Scene<CloudWatch>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(
      scene.client.describeAlarms({ AlarmTypes: ['CompositeAlarm'], MaxRecords: 100, NextToken }),
      'DescribeAlarms',
      'cloudwatch',
    );
  for await (const { CompositeAlarms = [] } of pages(ask, (page) => page.NextToken))
    for (const alarm of CompositeAlarms) {
      const { AlarmName: name = '', AlarmArn: id = '' } = alarm;
      const found = await readTags(scene, { id, resource: `cloudwatch/composite-alarms/${name}` });
      yield { name, id, tags: found, listed: { tags: found, alarm: facts(alarm) } };
    }
}

async function find({ client }: Scene<CloudWatch>, name: string): Promise<CompositeAlarm | undefined> {
  const asking = client.describeAlarms({ AlarmTypes: ['CompositeAlarm'], AlarmNames: [name] });
  return (await required(asking, 'DescribeAlarms', `cloudwatch/composite-alarms/${name}`)).CompositeAlarms?.[0];
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

async function put(scene: Scene<CloudWatch>, AlarmName: string, whole: object): Promise<void> {
  const said = Object.entries(whole).filter(([name, value]) => !passing.test(name) && !isEmptyList(value));
  const input = { ...Object.fromEntries(said), AlarmName } as PutCompositeAlarmCommandInput;
  const putting = scene.client.putCompositeAlarm(input);
  await required(putting, 'PutCompositeAlarm', `cloudwatch/composite-alarms/${AlarmName}`);
}

const ways: AlarmWays = {
  read,
  change: async (scene, address, change) => {
    await put(scene, address.name, { ...(await read(scene, address)), ...change });
  },
};

const alarm: DocumentPart<CloudWatch> = {
  file: 'composite-alarm.json',
  async read(scene, address, listed) {
    const all = Object.entries(await read(scene, address, listed));
    const apart = [...actionNames, ...ruleNames];
    return Object.fromEntries(all.filter(([name]) => !passing.test(name) && !apart.includes(name)));
  },
  async write(scene, address, wanted) {
    const kept = pick(await read(scene, address), ...actionNames, ...ruleNames);
    await put(scene, address.name, { ...(wanted as object), ...kept });
  },
};

/** What it is made of: alarms, other composite alarms too, even in circles. Written when all of them are there. */
const rule: DocumentPart<CloudWatch> = {
  file: 'rule.json',
  phase: 'settle',
  async read(scene, address, listed) {
    return pick(await read(scene, address, listed), ...ruleNames);
  },
  async write(scene, address, wanted) {
    const live = facts(await read(scene, address), ...ruleNames);
    await put(scene, address.name, { ...live, ...(wanted as object) });
  },
};

/** With a rule that never holds: a real one names alarms that must be there. */
async function createAlarm(scene: Scene<CloudWatch>, name: string, documents: Documents): Promise<Created> {
  const Tags = tagList(documents.get('tags.json'));
  await put(scene, name, {
    ...(documents.get(alarm.file) as object),
    AlarmRule: 'FALSE',
    ActionsEnabled: false,
    ...(Tags.length > 0 ? { Tags } : {}),
  });
  return { id: (await find(scene, name))?.AlarmArn ?? '' };
}

/** After metric alarms. */
export const compositeAlarms: DocumentKind<CloudWatch> = {
  kind: 'composite-alarms',
  rank: 1,
  list: listAlarms,
  parts: [alarm, rule, actions(ways), tags, actionsEnabled(ways)],
  live: { find: async (scene, name) => (await find(scene, name))?.AlarmArn, create: createAlarm },
};
