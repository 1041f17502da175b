import type { ReceiptRule } from '@aws-sdk/client-ses';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentKind } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import type { Clients } from './calls.ts';
import { arnOf, type SesPart, type SesScene } from './shapes.ts';

/** What becomes of mail that arrives, in this order: written once the buckets, topics and functions it names are there. */
const rules: SesPart = {
  file: 'receipt-rules.json',
  phase: 'settle',
  async read({ client }, { name, resource }) {
    const reading = client.v1.describeReceiptRuleSet({ RuleSetName: name });
    const { Rules = [] } = await required(reading, 'DescribeReceiptRuleSet', resource);
    return Rules.map((rule) => facts(rule));
  },
  async write(scene, address, wanted, live) {
    await writeRules(scene, address, rulesOf(wanted), rulesOf(live));
  },
};

function rulesOf(document: Json | undefined): readonly (ReceiptRule & { readonly Name: string })[] {
  return (document ?? []) as unknown as readonly (ReceiptRule & { readonly Name: string })[];
}

async function writeRules(
  { client: { v1 } }: SesScene,
  { name: RuleSetName, resource }: Address,
  wanted: ReturnType<typeof rulesOf>,
  live: ReturnType<typeof rulesOf>,
): Promise<void> {
  const there = new Map(live.map((rule) => [rule.Name, rule]));
  for (const { Name } of live)
    if (wanted.every((rule) => rule.Name !== Name))
      await required(v1.deleteReceiptRule({ RuleSetName, RuleName: Name }), 'DeleteReceiptRule', resource);
  let After: string | undefined;
  for (const Rule of wanted) {
    const before = there.get(Rule.Name);
    if (!before) await required(v1.createReceiptRule({ RuleSetName, Rule, After }), 'CreateReceiptRule', resource);
    else if (canonicalJson(facts(before)) !== canonicalJson(facts(Rule)))
      await required(v1.updateReceiptRule({ RuleSetName, Rule }), 'UpdateReceiptRule', resource);
    After = Rule.Name;
  }
  if (wanted.length < 2) return;
  const RuleNames = wanted.map(({ Name }) => Name);
  await required(v1.reorderReceiptRuleSet({ RuleSetName, RuleNames }), 'ReorderReceiptRuleSet', resource);
}

/** Whether mail that arrives is handled by it: one set at most is, and it begins at the very end. */
const active: SesPart = {
  file: 'active.json',
  phase: 'enable',
  async read({ client }, { name, resource }, listed) {
    const known = (listed as { readonly active?: string } | undefined)?.active;
    return (known ?? (await activeSet(client, resource))) === name ? { Active: true } : undefined;
  },
  async write({ client }, { name, resource }, wanted) {
    // Another one that was activated meanwhile stays.
    if (wanted === undefined && (await activeSet(client, resource)) !== name) return;
    const setting = client.v1.setActiveReceiptRuleSet(wanted === undefined ? {} : { RuleSetName: name });
    await required(setting, 'SetActiveReceiptRuleSet', resource);
  },
};

/** Empty where there is none. */
async function activeSet({ v1 }: Clients, resource: string): Promise<string> {
  const asking = v1.describeActiveReceiptRuleSet({});
  return (await required(asking, 'DescribeActiveReceiptRuleSet', resource)).Metadata?.Name ?? '';
}

export const receiptRuleSets: DocumentKind<Clients> = {
  kind: 'receipt-rule-sets',
  async *list({ client, aws }) {
    const next = async (NextToken?: string) =>
      await required(client.v1.listReceiptRuleSets({ NextToken }), 'ListReceiptRuleSets', 'ses/receipt-rule-sets');
    let known: string | undefined;
    for await (const { RuleSets = [] } of pages(next, (page) => page.NextToken))
      for (const { Name: name = '' } of RuleSets) {
        known ??= await activeSet(client, 'ses/receipt-rule-sets');
        yield { name, id: arnOf(aws, 'receipt-rule-set', name), listed: { active: known } };
      }
  },
  parts: [rules, active],
  live: {
    async find({ client, aws }, name) {
      const asking = client.v1.describeReceiptRuleSet({ RuleSetName: name });
      const resource = `ses/receipt-rule-sets/${name}`;
      const missing = ['RuleSetDoesNotExistException', 'RuleSetDoesNotExist'];
      const found = await optional(asking, 'DescribeReceiptRuleSet', resource, ...missing);
      return found && arnOf(aws, 'receipt-rule-set', name);
    },
    async create({ client, aws }, name) {
      const making = client.v1.createReceiptRuleSet({ RuleSetName: name });
      await required(making, 'CreateReceiptRuleSet', `ses/receipt-rule-sets/${name}`);
      return { id: arnOf(aws, 'receipt-rule-set', name) };
    },
  },
};
