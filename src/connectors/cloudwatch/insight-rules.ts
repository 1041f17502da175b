import type { CloudWatch, InsightRule } from '@aws-sdk/client-cloudwatch';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

/** Rules that a service manages come back with what they serve. */
async function* allRules({ client }: Scene<CloudWatch>): AsyncGenerator<InsightRule> {
  const ask = (NextToken?: string) =>
    required(client.describeInsightRules({ MaxResults: 500, NextToken }), 'DescribeInsightRules', 'cloudwatch');
  for await (const { InsightRules = [] } of pages(ask, (page) => page.NextToken))
    for (const rule of InsightRules) if (rule.ManagedRule !== true) yield rule;
}

async function* listRules(scene: Scene<CloudWatch>): AsyncGenerator<Found> {
  for await (const rule of allRules(scene)) {
    const id = idOf(scene, rule.Name ?? '');
    const found = await readTags(scene, { id, resource: `cloudwatch/insight-rules/${rule.Name}` });
    yield { name: rule.Name ?? '', id, tags: found, listed: { tags: found, rule: facts(rule) } };
  }
}

function idOf({ aws }: Scene<CloudWatch>, name: string): string {
  return `arn:aws:cloudwatch:${aws.region}:${aws.account}:insight-rule/${name}`;
}

async function find(scene: Scene<CloudWatch>, name: string): Promise<InsightRule | undefined> {
  for await (const rule of allRules(scene)) if (rule.Name === name) return rule;
  return undefined;
}

async function read(
  scene: Scene<CloudWatch>,
  { name, resource }: Address,
  listed?: Json,
): Promise<Record<string, Json>> {
  const known = (listed as { readonly rule?: Record<string, Json> } | undefined)?.rule;
  if (known) return known;
  return await scene.once('rule', async () => {
    const found = await find(scene, name);
    if (found) return facts(found);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

async function put(
  { client }: Scene<CloudWatch>,
  RuleName: string,
  rule: Json | undefined,
  more: object,
): Promise<void> {
  const { Definition, ...rest } = rule as Record<string, Json>;
  const putting = client.putInsightRule({ RuleName, RuleDefinition: JSON.stringify(Definition), ...rest, ...more });
  await required(putting, 'PutInsightRule', `cloudwatch/insight-rules/${RuleName}`);
}

const definition: DocumentPart<CloudWatch> = {
  file: 'insight-rule.json',
  async read(scene, address, listed) {
    const { Definition, ...rest } = await read(scene, address, listed);
    return { ...pick(rest, 'ApplyOnTransformedLogs'), Definition: JSON.parse(Definition as string) as Json };
  },
  async write(scene, address, wanted) {
    await put(scene, address.name, wanted, { RuleState: (await read(scene, address)).State });
  },
};

const state: DocumentPart<CloudWatch> = {
  file: 'insight-rule-state.json',
  phase: 'enable',
  async read(scene, address, listed) {
    return pick(await read(scene, address, listed), 'State');
  },
  async write({ client }, { name, resource }, wanted) {
    const RuleNames = [name];
    const enabled = (wanted as { readonly State: string } | undefined)?.State === 'ENABLED';
    const changing = enabled ? client.enableInsightRules({ RuleNames }) : client.disableInsightRules({ RuleNames });
    const { Failures: [first] = [] } = await required(
      changing,
      enabled ? 'EnableInsightRules' : 'DisableInsightRules',
      resource,
    );
    if (first) throw new HoldfastError('item.invalid', `${resource}: ${first.FailureDescription}`, { resource });
  },
};

async function create(scene: Scene<CloudWatch>, name: string, documents: Documents): Promise<Created> {
  const Tags = tagList(documents.get('tags.json'));
  const more = { RuleState: 'DISABLED', ...(Tags.length > 0 ? { Tags } : {}) };
  await put(scene, name, documents.get(definition.file), more);
  return { id: idOf(scene, name) };
}

export const insightRules: DocumentKind<CloudWatch> = {
  kind: 'insight-rules',
  list: listRules,
  parts: [definition, tags, state],
  live: {
    find: async (scene, name) => ((await find(scene, name)) ? idOf(scene, name) : undefined),
    create,
  },
};
