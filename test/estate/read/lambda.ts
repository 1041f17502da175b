import {
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  GetLayerVersionByArnCommand,
  GetPolicyCommand,
  paginateListAliases,
  paginateListEventSourceMappings,
  paginateListFunctions,
  paginateListFunctionUrlConfigs,
  paginateListLayers,
  paginateListLayerVersions,
  paginateListVersionsByFunction,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { sha256 } from '../deterministic.ts';
import { answerOf, sortedList, without, type DescribedItem } from '../description.ts';
import { inParallel } from '../parallel.ts';

const atOnce = 8;

/** Dates, ids and addresses that Lambda gives anew to what is created again. */
const volatile = [
  'LastModified',
  'LastModifiedTime',
  'CreationTime',
  'CreatedDate',
  'RevisionId',
  'UUID',
  'FunctionUrl',
  'LastUpdateStatus',
  'LastUpdateStatusReason',
  'LastUpdateStatusReasonCode',
  'State',
  'StateReason',
  'StateReasonCode',
  'StateTransitionReason',
  'LastProcessingResult',
];

export async function readLambda(lambda: LambdaClient): Promise<DescribedItem[]> {
  const names: string[] = [];
  for await (const page of paginateListFunctions({ client: lambda }, {})) {
    names.push(...(page.Functions ?? []).flatMap(({ FunctionName }) => FunctionName ?? []));
  }
  const functions = await inParallel(atOnce, names, (name) => readFunction(lambda, name));
  const mappings: DescribedItem[] = [];
  for await (const page of paginateListEventSourceMappings({ client: lambda }, {})) {
    for (const mapping of page.EventSourceMappings ?? []) {
      const stable = without(mapping, ...volatile);
      mappings.push([`lambda/event-source/${mapping.FunctionArn}/${mapping.EventSourceArn}`, stable]);
    }
  }
  return [...functions.flat(), ...mappings, ...(await readLayers(lambda))];
}

async function readFunction(lambda: LambdaClient, FunctionName: string): Promise<DescribedItem[]> {
  const of = { client: lambda };
  const versions: string[] = [];
  for await (const page of paginateListVersionsByFunction(of, { FunctionName })) {
    versions.push(...(page.Versions ?? []).flatMap(({ Version }) => Version ?? []));
  }
  const aliases: unknown[] = [];
  for await (const page of paginateListAliases(of, { FunctionName })) aliases.push(...(page.Aliases ?? []));
  const addresses: unknown[] = [];
  for await (const page of paginateListFunctionUrlConfigs(of, { FunctionName })) {
    addresses.push(...(page.FunctionUrlConfigs ?? []));
  }
  const policy = await lambda.send(new GetPolicyCommand({ FunctionName })).catch(unsetWhenNotFound);
  const concurrency = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
  const invoke = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })).catch(unsetWhenNotFound);
  const named = (part: string, value: unknown): DescribedItem => [
    `lambda/${FunctionName}/${part}`,
    without(value, ...volatile),
  ];
  return [
    ...(await inParallel(2, versions, async (version) =>
      named(`version/${version}`, await readVersion(lambda, FunctionName, version)),
    )),
    named('aliases', sortedList(aliases)),
    named('policy', statementsOf(policy?.Policy)),
    named('addresses', addresses),
    named('concurrency', concurrency.ReservedConcurrentExecutions ?? null),
    named('invoke', invoke === null ? null : answerOf(invoke)),
  ];
}

async function readVersion(lambda: LambdaClient, FunctionName: string, Qualifier: string): Promise<unknown> {
  const answer = await lambda.send(new GetFunctionCommand({ FunctionName, Qualifier }));
  return {
    configuration: answer.Configuration,
    // Of an image its address, with the digest.
    code: answer.Code?.ImageUri ?? (await hashOf(answer.Code?.Location)),
    tags: Qualifier === '$LATEST' ? answer.Tags : undefined,
  };
}

async function readLayers(lambda: LambdaClient): Promise<DescribedItem[]> {
  const arns: string[] = [];
  for await (const page of paginateListLayers({ client: lambda }, {})) {
    for (const { LayerName } of page.Layers ?? []) {
      for await (const versions of paginateListLayerVersions({ client: lambda }, { LayerName })) {
        arns.push(...(versions.LayerVersions ?? []).flatMap(({ LayerVersionArn }) => LayerVersionArn ?? []));
      }
    }
  }
  return await inParallel(atOnce, arns, async (Arn): Promise<DescribedItem> => {
    const answer = await lambda.send(new GetLayerVersionByArnCommand({ Arn }));
    const { Content, ...rest } = answer;
    const described = { ...(without(answerOf(rest), ...volatile) as object), code: await hashOf(Content?.Location) };
    return [`lambda/layer/${Arn}`, described];
  });
}

async function hashOf(location: string | undefined): Promise<string> {
  if (location === undefined) throw new Error('the answer names no place to get the code from');
  const answer = await fetch(location);
  if (!answer.ok) throw new Error(`${location} answered ${answer.status}`);
  return sha256(new Uint8Array(await answer.arrayBuffer()));
}

function statementsOf(policy: string | undefined): unknown {
  if (policy === undefined) return null;
  const { Statement } = JSON.parse(policy) as { Statement: unknown[] };
  return sortedList(Statement);
}

function unsetWhenNotFound(error: unknown): null {
  if ((error as { name?: string }).name === 'ResourceNotFoundException') return null;
  throw error;
}
