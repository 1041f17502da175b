import type { DescribeStateMachineOutput, SFN } from '@aws-sdk/client-sfn';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Scene } from '../documents/contract.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import { partitionOf } from '../aws/partition.ts';

export const files = {
  machine: 'state-machine.json',
  definition: 'definition.json',
  versions: 'versions.json',
  tags: 'tags.json',
} as const;

/** The state machine, or one of its versions, by ARN; its definition parsed. */
export async function describe(
  { client }: Pick<Scene<SFN>, 'client'>,
  stateMachineArn: string,
  resource: string,
): Promise<Facts> {
  const answer = await required(client.describeStateMachine({ stateMachineArn }), 'DescribeStateMachine', resource);
  const names = ['stateMachineArn', 'name', 'status', 'revisionId', 'label', 'variableReferences'];
  return { ...factsOf(answer, ...names), definition: parsed(answer) };
}

function parsed({ definition = '' }: DescribeStateMachineOutput): Json {
  try {
    return JSON.parse(definition) as Json;
  } catch {
    return definition;
  }
}

/** As Step Functions takes it: the definition as text. */
export function settingsOf(facts: Facts): Facts {
  const { definition, type: _, description: __, ...settings } = facts;
  return { ...settings, definition: typeof definition === 'string' ? definition : JSON.stringify(definition) };
}

export function arnOf(
  { region, account }: { readonly region: string; readonly account: string },
  kind: string,
  name: string,
): string {
  return `arn:${partitionOf(region)}:states:${region}:${account}:${kind}:${name}`;
}
