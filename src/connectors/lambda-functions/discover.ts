import type {
  EventSourceMappingConfiguration,
  FunctionConfiguration,
  Lambda,
  LayersListItem,
} from '@aws-sdk/client-lambda';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { everyPage, invokes, lambdaClient } from './calls.ts';
import { mappingOf, sortedMappings } from './documents.ts';
import { layerPrefix } from './layer-capture.ts';
import type { LambdaOptions } from './options.ts';
import { readTags } from './state.ts';

const type = 'lambda-functions';

/** Layers first, because functions are made of them; then functions, with their tags. */
export async function* discover(context: ConnectorContext<LambdaOptions>): AsyncIterable<DiscoveredResource> {
  const { account, region } = context.aws;
  const lambda = await lambdaClient(context.aws);
  const layers = await unlessDenied(listLayers(lambda));
  if (layers === undefined) {
    // The functions are found all the same; this one's capture asks again and says why there are no layers.
    const id = `arn:aws:lambda:${region}:${account}:layer:`;
    yield { ref: { type, name: `${layerPrefix}unlisted`, id, region, account }, tags: {} };
  }
  for (const { LayerName, LayerArn } of layers ?? []) {
    if (LayerName === undefined || LayerArn === undefined) continue;
    yield { ref: { type, name: `${layerPrefix}${LayerName}`, id: LayerArn, region, account }, tags: {} };
  }
  const functions = await everyPage(
    'ListFunctions',
    type,
    (from) => lambda.listFunctions(from),
    (page) => page.Functions,
  );
  const mappings = await allMappings(lambda);
  yield* mapOrdered(functions, 8, async (found) => {
    const { FunctionName: name = '', CodeSize: bytes = 0 } = found;
    const id = unqualified(found);
    const listed = mappings?.filter((mapping) => invokes(mapping, id)).map(mappingOf);
    return {
      ref: { type, name, id, region, account },
      tags: await tagsOf(lambda, id, `${type}/${name}`),
      expected: { bytes },
      ...(listed ? { listed: { mappings: sortedMappings(listed) } } : {}),
    };
  });
}

/** Every layer of the region. */
export async function listLayers(lambda: Lambda): Promise<LayersListItem[]> {
  return await everyPage(
    'ListLayers',
    type,
    (from) => lambda.listLayers(from),
    (page) => page.Layers,
  );
}

function unqualified({ FunctionArn = '' }: FunctionConfiguration): string {
  return FunctionArn.split(':').slice(0, 7).join(':');
}

/** One listing for all functions. Where it is denied each capture asks again and reports it: undefined. */
async function allMappings(lambda: Lambda): Promise<EventSourceMappingConfiguration[] | undefined> {
  return await unlessDenied(
    everyPage(
      'ListEventSourceMappings',
      type,
      (from) => lambda.listEventSourceMappings(from),
      (page) => page.EventSourceMappings,
    ),
  );
}

/** Tags group functions by site; a function whose tags are denied is still found, and its capture reports the denial. */
async function tagsOf(lambda: Lambda, arn: string, resource: string): Promise<Record<string, string>> {
  return (await unlessDenied(readTags(lambda, arn, resource))) ?? {};
}

async function unlessDenied<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isItemError(error)) return undefined;
    throw error;
  }
}
