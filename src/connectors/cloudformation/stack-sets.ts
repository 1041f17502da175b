import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import { compactJson } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentKind, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { tagsOf } from '../documents/tags.ts';
import { stackSetNotes } from './notes.ts';
import { parsed } from './template.ts';

const apart = ['StackSetARN', 'StackSetId', 'Status', 'TemplateBody', 'StackSetDriftDetectionDetails', 'Tags'] as const;

async function describe(
  { client, once }: Scene<CloudFormation>,
  { name: StackSetName, resource }: Pick<Address, 'name' | 'resource'>,
) {
  return await once('set', async () => {
    const asking = client.describeStackSet({ StackSetName });
    return (await required(asking, 'DescribeStackSet', resource)).StackSet ?? {};
  });
}

/** Stack sets of this account as their administrator. */
export const stackSetsKind: DocumentKind<CloudFormation, Record<string, never>> = {
  kind: 'stack-sets',
  async *list({ client }: Scene<CloudFormation>) {
    const ask = async (NextToken: string | undefined) =>
      await required(client.listStackSets({ Status: 'ACTIVE', NextToken }), 'ListStackSets', 'cloudformation');
    for await (const { Summaries = [] } of pages(ask, (page) => page.NextToken))
      for (const { StackSetName: name = '', StackSetId: id = '' } of Summaries) yield { name, id };
  },
  parts: [
    {
      file: 'stack-set.json',
      async read(scene, address) {
        const set = await describe(scene, address);
        return { ...factsOf(set, ...apart), Tags: tagsOf(set.Tags) };
      },
    },
    {
      file: 'template.json',
      async read(scene, address) {
        const { TemplateBody } = await describe(scene, address);
        return TemplateBody === undefined ? undefined : parsed(TemplateBody);
      },
    },
    {
      file: 'instances.json',
      async read({ client }, { name: StackSetName, resource }) {
        const ask = async (NextToken: string | undefined) =>
          await required(client.listStackInstances({ StackSetName, NextToken }), 'ListStackInstances', resource);
        const found: Facts[] = [];
        for await (const { Summaries = [] } of pages(ask, (page) => page.NextToken))
          for (const { Account, Region, OrganizationalUnitId } of Summaries)
            found.push(factsOf({ Account, Region, OrganizationalUnitId }));
        return found.sort((a, b) => (compactJson(a) < compactJson(b) ? -1 : 1));
      },
      comparable: (document) => (document as Facts[]).map((one) => without(one)),
    },
  ],
  directoryOnly: 'To create a stack set again would create its stacks a second time.',
  notes: () => stackSetNotes,
};
