import type { CloudFormation, Stack } from '@aws-sdk/client-cloudformation';
import type { Json } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { tagsOf } from '../documents/tags.ts';
import { parsed } from './template.ts';

export const files = {
  stack: 'stack.json',
  parameters: 'parameters.json',
  outputs: 'outputs.json',
  template: 'template.json',
  processed: 'template-processed.json',
  policy: 'policy.json',
  resources: 'resources.json',
  tags: 'tags.json',
} as const;

/** What happens to a stack, and what has a file of its own. */
const apart = `
  StackId StackStatus StackStatusReason DetailedStatus ChangeSetId DeletionMode LastOperations
  Parameters Outputs Tags DriftInformation
`
  .trim()
  .split(/\s+/);

/** Stacks a page at a time. One that is only a change set not executed yet has nothing to keep. */
export async function* listStacks({ client }: Scene<CloudFormation>): AsyncGenerator<Found> {
  const ask = async (NextToken: string | undefined) =>
    await required(client.describeStacks({ NextToken }), 'DescribeStacks', 'cloudformation');
  for await (const { Stacks = [] } of pages(ask, (page) => page.NextToken))
    for (const stack of Stacks) {
      const { StackName: name = '', StackId: id = '', StackStatus, Tags } = stack;
      if (StackStatus === 'REVIEW_IN_PROGRESS' || StackStatus === 'DELETE_COMPLETE') continue;
      yield { name, id, tags: tagsOf(Tags), listed: documentsOf(stack) };
    }
}

interface Listed {
  readonly stack: Facts;
  readonly parameters: readonly Facts[];
  readonly outputs: readonly Facts[];
  readonly tags: Readonly<Record<string, string>>;
}

function documentsOf(stack: Stack): Json {
  const { Parameters = [], Outputs = [], Tags, DriftInformation } = stack;
  const drift = DriftInformation?.StackDriftStatus;
  const by = (items: readonly object[], name: string): Facts[] => {
    const key = (one: Facts): string => one[name] as string;
    return items.map((one) => factsOf(one)).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  };
  return {
    stack: { ...factsOf(stack, ...apart), ...(drift === undefined ? {} : { StackDriftStatus: drift }) },
    parameters: by(Parameters, 'ParameterKey'),
    outputs: by(Outputs, 'OutputKey'),
    tags: tagsOf(Tags),
  };
}

async function stackOf(
  { client, once }: Scene<CloudFormation>,
  { id, resource }: Address,
  listed?: Json,
): Promise<Listed> {
  if (listed !== undefined) return listed as unknown as Listed;
  return await once('stack', async () => {
    const [stack] = (await required(client.describeStacks({ StackName: id }), 'DescribeStacks', resource)).Stacks ?? [];
    if (!stack) throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
    return documentsOf(stack) as unknown as Listed;
  });
}

/** Whether it drifted is what somebody last found, and is not compared. */
export const stack: DocumentPart<CloudFormation> = {
  file: files.stack,
  read: async (scene, address, listed) => (await stackOf(scene, address, listed)).stack,
  comparable: (document) => without(document, 'StackDriftStatus'),
};

export const parameters: DocumentPart<CloudFormation> = {
  file: files.parameters,
  async read(scene, address, listed) {
    const found = (await stackOf(scene, address, listed)).parameters;
    return found.length === 0 ? undefined : found;
  },
};

/** With the names under which other stacks import them. */
export const outputs: DocumentPart<CloudFormation> = {
  file: files.outputs,
  async read(scene, address, listed) {
    const found = (await stackOf(scene, address, listed)).outputs;
    return found.length === 0 ? undefined : found;
  },
};

export const tags: DocumentPart<CloudFormation> = {
  file: files.tags,
  async read(scene, address, listed) {
    const found = (await stackOf(scene, address, listed)).tags;
    return Object.keys(found).length === 0 ? undefined : found;
  },
};

export const policy: DocumentPart<CloudFormation> = {
  file: files.policy,
  async read({ client }, { id: StackName, resource }) {
    const { StackPolicyBody } = await required(client.getStackPolicy({ StackName }), 'GetStackPolicy', resource);
    return StackPolicyBody ? parsed(StackPolicyBody) : undefined;
  },
};

/** Which resource is which: what an import under a stack asks for. */
export const resources: DocumentPart<CloudFormation> = {
  file: files.resources,
  async read({ client }, { id: StackName, resource }) {
    const ask = async (NextToken: string | undefined) =>
      await required(client.listStackResources({ StackName, NextToken }), 'ListStackResources', resource);
    const found: Record<string, Facts> = {};
    for await (const { StackResourceSummaries = [] } of pages(ask, (page) => page.NextToken))
      for (const { LogicalResourceId = '', PhysicalResourceId, ResourceType } of StackResourceSummaries)
        found[LogicalResourceId] = factsOf({ PhysicalResourceId, ResourceType });
    return found;
  },
};
