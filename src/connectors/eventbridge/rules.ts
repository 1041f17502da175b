import type { DescribeRuleResponse, EventBridge, Rule, RuleState } from '@aws-sdk/client-eventbridge';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { allBuses } from './buses.ts';
import { readTags, tags } from './tags.ts';
import { partsOf, targets } from './targets.ts';

/** Rules of every bus, named `bus/rule`. Those that AWS made for itself (`ManagedBy`: archives, other services) come back with what they serve. */
async function* listRules(scene: Scene<EventBridge>): AsyncGenerator<Found> {
  const { client } = scene;
  for await (const { Name: EventBusName = '' } of allBuses(scene)) {
    const ask = (NextToken?: string) =>
      required(client.listRules({ EventBusName, Limit: 100, NextToken }), 'ListRules', `eventbridge/${EventBusName}`);
    for await (const { Rules = [] } of pages(ask, (page) => page.NextToken)) {
      for (const rule of Rules) {
        if (rule.ManagedBy !== undefined) continue;
        const name = `${EventBusName}/${rule.Name}`;
        const id = rule.Arn ?? '';
        const found = await readTags(scene, { name, id, resource: `eventbridge/rules/${name}` });
        yield { name, id, tags: found, listed: { tags: found, rule: documentOf(rule), state: stateOf(rule) } };
      }
    }
  }
}

interface Listed {
  readonly rule: Json;
  readonly state: Json;
}

function documentOf(rule: Rule | DescribeRuleResponse): Record<string, Json> {
  const { EventPattern } = rule;
  return {
    ...pick(rule, 'Description', 'ScheduleExpression', 'RoleArn'),
    ...(EventPattern ? { EventPattern: JSON.parse(EventPattern) as Json } : {}),
  };
}

function stateOf(rule: Rule | DescribeRuleResponse): Json {
  return { State: rule.State ?? 'ENABLED' };
}

async function describe({ client, once }: Scene<EventBridge>, { name, resource }: Address) {
  return await once('rule', () => required(client.describeRule(partsOf(name)), 'DescribeRule', resource));
}

/** PutRule sets all of a rule, so that whoever changes one thing says the rest too; unsaid, it would be enabled. */
async function putRule(
  { client }: Scene<EventBridge>,
  name: string,
  rule: Json | undefined,
  State: RuleState,
  more: object = {},
): Promise<string> {
  const { EventPattern, ...rest } = (rule ?? {}) as Record<string, Json>;
  const put = client.putRule({
    ...partsOf(name),
    ...rest,
    ...(EventPattern === undefined ? {} : { EventPattern: JSON.stringify(EventPattern) }),
    State,
    ...more,
  });
  return (await required(put, 'PutRule', `eventbridge/rules/${name}`)).RuleArn ?? '';
}

const rule: DocumentPart<EventBridge> = {
  file: 'rule.json',
  async read(scene, address, listed) {
    return (listed as Listed | undefined)?.rule ?? documentOf(await describe(scene, address));
  },
  async write(scene, address, wanted) {
    const { State = 'DISABLED' } = await describe(scene, address);
    await putRule(scene, address.name, wanted, State);
  },
};

/** Whether it acts: last of all, when what it starts is there. */
const state: DocumentPart<EventBridge> = {
  file: 'state.json',
  phase: 'enable',
  async read(scene, address, listed) {
    return (listed as Listed | undefined)?.state ?? stateOf(await describe(scene, address));
  },
  async write(scene, address, wanted) {
    const { client } = scene;
    const where = partsOf(address.name);
    const { State } = (wanted ?? { State: 'DISABLED' }) as { readonly State: RuleState };
    if (State === 'ENABLED') await required(client.enableRule(where), 'EnableRule', address.resource);
    else if (State === 'DISABLED') await required(client.disableRule(where), 'DisableRule', address.resource);
    // The third state, which hears of CloudTrail's reading calls too, is said by PutRule only.
    else await putRule(scene, address.name, documentOf(await describe(scene, address)), State);
  },
};

async function findRule({ client }: Scene<EventBridge>, name: string): Promise<string | undefined> {
  const describing = client.describeRule(partsOf(name));
  const resource = `eventbridge/rules/${name}`;
  return (await optional(describing, 'DescribeRule', resource, 'ResourceNotFoundException'))?.Arn;
}

/** Disabled, whatever it was: `state` enables it at the end. */
async function createRule(scene: Scene<EventBridge>, name: string, documents: Documents): Promise<Created> {
  const Tags = tagList(documents.get('tags.json'));
  const rule = documents.get('rule.json');
  return { id: await putRule(scene, name, rule, 'DISABLED', Tags.length > 0 ? { Tags } : {}) };
}

export const rules: DocumentKind<EventBridge> = {
  kind: 'rules',
  rank: 2,
  list: listRules,
  parts: [rule, targets, tags, state],
  live: { find: findRule, create: createRule },
};
