import type { ConfigRule, ConfigService } from '@aws-sdk/client-config-service';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { remediation } from './remediation.ts';
import { readTags, tags } from './tags.ts';

const apart = ['ConfigRuleName', 'ConfigRuleArn', 'ConfigRuleId', 'ConfigRuleState', 'CreatedBy', 'InputParameters'];

/** Rules of a service or a conformance pack (`CreatedBy`) come back with it. */
async function* listRules(scene: Scene<ConfigService>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(scene.client.describeConfigRules({ NextToken }), 'DescribeConfigRules', 'aws-config');
  for await (const { ConfigRules = [] } of pages(ask, (page) => page.NextToken))
    for (const rule of ConfigRules) {
      const { ConfigRuleName: name = '', ConfigRuleArn: id = '', CreatedBy, ConfigRuleState = '' } = rule;
      if (CreatedBy !== undefined || ConfigRuleState.startsWith('DELETING')) continue;
      const found = await readTags(scene, { id, resource: `aws-config/rules/${name}` });
      yield { name, id, tags: found, listed: { tags: found, rule: documentOf(rule) } };
    }
}

function documentOf(rule: ConfigRule): Record<string, Json> {
  const InputParameters = JSON.parse(rule.InputParameters || '{}') as Record<string, Json>;
  return { ...facts(rule, ...apart), ...(Object.keys(InputParameters).length > 0 ? { InputParameters } : {}) };
}

async function find({ client }: Scene<ConfigService>, name: string): Promise<ConfigRule | undefined> {
  const asking = client.describeConfigRules({ ConfigRuleNames: [name] });
  const none = 'NoSuchConfigRuleException';
  return (await optional(asking, 'DescribeConfigRules', `aws-config/rules/${name}`, none))?.ConfigRules?.[0];
}

/** A policy of the rule's own is not told with the rule. */
async function withPolicy({ client }: Scene<ConfigService>, name: string, rule: Record<string, Json>): Promise<Json> {
  const { Source } = rule as { readonly Source: { readonly Owner: string; readonly CustomPolicyDetails?: Json } };
  if (Source.Owner !== 'CUSTOM_POLICY') return rule;
  const asking = client.getCustomRulePolicy({ ConfigRuleName: name });
  const { PolicyText = '' } = await required(asking, 'GetCustomRulePolicy', `aws-config/rules/${name}`);
  const details = { ...(Source.CustomPolicyDetails as object), PolicyText };
  return { ...rule, Source: { ...Source, CustomPolicyDetails: details } };
}

async function put(
  { client }: Scene<ConfigService>,
  name: string,
  document: Json | undefined,
  more = {},
): Promise<void> {
  const { InputParameters, ...rest } = document as Record<string, Json>;
  const ConfigRule = {
    ConfigRuleName: name,
    ...rest,
    ...(InputParameters === undefined ? {} : { InputParameters: JSON.stringify(InputParameters) }),
  } as unknown as ConfigRule;
  await required(client.putConfigRule({ ConfigRule, ...more }), 'PutConfigRule', `aws-config/rules/${name}`);
}

const rule: DocumentPart<ConfigService> = {
  file: 'rule.json',
  async read(scene, { name, resource }, listed) {
    const known = (listed as { readonly rule?: Record<string, Json> } | undefined)?.rule;
    if (known) return await withPolicy(scene, name, known);
    const found = await find(scene, name);
    if (found) return await withPolicy(scene, name, documentOf(found));
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  write: async (scene, { name }, wanted) => await put(scene, name, wanted),
};

async function create(scene: Scene<ConfigService>, name: string, documents: Documents): Promise<Created> {
  const Tags = tagList(documents.get('tags.json'));
  await put(scene, name, documents.get(rule.file), Tags.length > 0 ? { Tags } : {});
  return { id: (await find(scene, name))?.ConfigRuleArn ?? '' };
}

/** After the recorder, without which there are no rules. */
export const rules: DocumentKind<ConfigService> = {
  kind: 'rules',
  rank: 2,
  list: listRules,
  parts: [rule, tags, remediation],
  live: {
    find: async (scene, name) => (await find(scene, name))?.ConfigRuleArn,
    create,
    follows: (from, to) => [{ from: from.slice(from.lastIndexOf('/') + 1), to: to.slice(to.lastIndexOf('/') + 1) }],
  },
};
