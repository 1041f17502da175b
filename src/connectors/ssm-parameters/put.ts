import type { PutParameterCommandInput, SSM } from '@aws-sdk/client-ssm';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, Documents, Scene } from '../documents/contract.ts';
import { tagList } from '../documents/tags.ts';
import { arnOf, files, parameterName, type Metadata } from './parameter.ts';

export async function findParameter({ client, aws }: Scene<SSM>, name: string): Promise<string | undefined> {
  const Name = parameterName(name);
  const asking = client.getParameter({ Name });
  const found = await optional(asking, 'GetParameter', `ssm-parameters/${name}`, 'ParameterNotFound');
  return found === undefined ? undefined : arnOf(aws, Name);
}

/** Whole, with its value and tags. One that is there already is refused and found. */
export async function createParameter(
  { client, aws }: Scene<SSM>,
  name: string,
  documents: Documents,
): Promise<Created> {
  const resource = `ssm-parameters/${name}`;
  const metadata = documents.get(files.metadata) as unknown as Metadata | undefined;
  const value = documents.get(files.value) as { readonly Value: string } | undefined;
  if (!metadata || !value) {
    const message = `${resource} was captured without its ${metadata ? 'value' : 'description'}, and cannot be made without`;
    throw new HoldfastError('item.not-found', message, { resource });
  }
  const Name = parameterName(name);
  const Tags = tagList(documents.get(files.tags));
  const input = { ...inputOf(Name, metadata, value.Value), ...(Tags.length > 0 ? { Tags } : {}) };
  await required(client.putParameter(input), 'PutParameter', resource);
  return { id: arnOf(aws, Name) };
}

/** A new version over what is there. */
export async function putParameter(
  { client }: Scene<SSM>,
  { name, resource }: Address,
  metadata: Metadata,
  value: string,
  live: Metadata,
): Promise<void> {
  const input = inputOf(parameterName(name), metadata, value);
  // What is not said stays: the absence of policies has words of its own.
  const none = live.Policies && !metadata.Policies ? { Policies: '[{}]' } : {};
  await required(client.putParameter({ ...input, ...none, Overwrite: true }), 'PutParameter', resource);
}

function inputOf(Name: string, metadata: Metadata, Value: string): PutParameterCommandInput {
  const { Type, Tier, DataType, Description = '', AllowedPattern, KeyId, Policies } = metadata;
  return {
    Name,
    Value,
    Type: Type as 'String',
    Tier: Tier as 'Standard',
    DataType,
    Description,
    ...(AllowedPattern === undefined ? {} : { AllowedPattern }),
    ...(KeyId === undefined ? {} : { KeyId }),
    ...(Policies ? { Policies: JSON.stringify(Policies) } : {}),
  };
}
