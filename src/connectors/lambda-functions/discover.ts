import type {
  EventSourceMappingConfiguration,
  FunctionConfiguration,
  Lambda,
  LayersListItem,
} from '@aws-sdk/client-lambda';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { required } from '../aws/classify.ts';
import { everyPage, invokes, lambdaClient } from './calls.ts';
import { mappingOf, sortedMappings, versionOf } from './documents.ts';
import { layerPrefix } from './layer-capture.ts';
import type { LambdaOptions } from './options.ts';
import { refusal } from '../documents/refusal.ts';
import { codeSigningFile, concurrencyFile, reservedConcurrency } from './parts.ts';
import { readTags, type KnownFacts } from './state.ts';

const type = 'lambda-functions';

/** Layers first, because functions are made of them; then functions, with their tags. */
export async function* discover(context: ConnectorContext<LambdaOptions>): AsyncIterable<DiscoveredResource> {
  const { account, region } = context.aws;
  const lambda = await lambdaClient(context.aws);
  let layers: LayersListItem[] = [];
  try {
    layers = await listLayers(lambda);
  } catch (error) {
    if (!isItemError(error)) throw error;
    // The functions are found all the same.
    const id = `arn:aws:lambda:${region}:${account}:layer:`;
    yield refusal({ type, name: layerPrefix, id, region, account }, error);
  }
  for (const { LayerName, LayerArn } of layers) {
    if (LayerName === undefined || LayerArn === undefined) continue;
    yield { ref: { type, name: `${layerPrefix}${LayerName}`, id: LayerArn, region, account }, tags: {} };
  }
  const { functions, published } = await listFunctions(lambda);
  const mappings = await allMappings(lambda);
  const signing = await signsCode(lambda);
  yield* mapOrdered(functions, 8, async (found) => {
    const { FunctionName: name = '', CodeSize: bytes = 0 } = found;
    const id = unqualified(found);
    const invoking = mappings?.filter((mapping) => invokes(mapping, id)).map(mappingOf);
    const { tags, parts } = await factsOf(lambda, name, id);
    const listed = {
      // Its configuration, where that is the only one it has.
      ...(published.has(id) ? {} : { latest: versionOf(found) }),
      ...(invoking ? { mappings: sortedMappings(invoking) } : {}),
      ...(tags ? { tags } : {}),
      parts: { ...parts, ...(signing ? {} : { [codeSigningFile]: [] }) },
    };
    return {
      ref: { type, name, id, region, account },
      tags: tags ?? {},
      expected: { bytes },
      listed: listed as unknown as Json,
    };
  });
}

interface Functions {
  /** As `$LATEST` is. */
  readonly functions: readonly FunctionConfiguration[];
  /** ARNs of those that have published versions. */
  readonly published: ReadonlySet<string>;
}

/**
 * "Set FunctionVersion to ALL to include all published versions of each function in addition to the unpublished version" (Lambda
 * API, ListFunctions): who has none need not be asked for them. Versions come in no order that is documented, so that of those only
 * the fact is kept, not the configuration. What the listing leaves out of a configuration (State, LastUpdateStatus, their
 * reasons, RuntimeVersionConfig) is nothing that is captured.
 */
async function listFunctions(lambda: Lambda): Promise<Functions> {
  const published = new Set<string>();
  const functions = await everyPage(
    'ListFunctions',
    type,
    (from) => lambda.listFunctions({ FunctionVersion: 'ALL', ...from }),
    ({ Functions = [] }) => {
      for (const one of Functions) if (isPublished(one)) published.add(unqualified(one));
      return Functions.filter((one) => !isPublished(one));
    },
  );
  return { functions, published };
}

function isPublished({ Version = '$LATEST' }: FunctionConfiguration): boolean {
  return Version !== '$LATEST';
}

/** Every layer of the region. */
async function listLayers(lambda: Lambda): Promise<LayersListItem[]> {
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

/**
 * What one GetFunction tells besides the configuration: tags, which group functions by site, and reserved concurrency. Who
 * may not list tags is told so in the answer, and who may not call it asks for the tags alone. What stays unknown is read,
 * and its denial reported, by the capture.
 */
async function factsOf(lambda: Lambda, name: string, arn: string): Promise<KnownFacts> {
  const resource = `${type}/${name}`;
  const found = await unlessDenied(required(lambda.getFunction({ FunctionName: name }), 'GetFunction', resource));
  if (found === undefined) {
    const tags = await unlessDenied(readTags(lambda, arn, resource));
    return tags === undefined ? {} : { tags };
  }
  return {
    ...(found.TagsError === undefined ? { tags: found.Tags ?? {} } : {}),
    parts: { [concurrencyFile]: reservedConcurrency(found.Concurrency) },
  };
}

/**
 * False where the region has no code signing configuration, so that no function can have one and none is asked: a function
 * takes only one of its own account and region.
 */
async function signsCode(lambda: Lambda): Promise<boolean> {
  const configurations = await unlessDenied(
    required(lambda.listCodeSigningConfigs({ MaxItems: 1 }), 'ListCodeSigningConfigs', type),
  );
  return configurations?.CodeSigningConfigs?.length !== 0;
}

async function unlessDenied<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isItemError(error)) return undefined;
    throw error;
  }
}
