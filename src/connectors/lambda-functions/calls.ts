import type { EventSourceMappingConfiguration, Lambda } from '@aws-sdk/client-lambda';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function lambdaClient(aws: AwsAccess): Promise<Lambda> {
  const sdk = await import('@aws-sdk/client-lambda');
  return aws.client(sdk.Lambda);
}

interface Page {
  readonly NextMarker?: string | undefined;
}

/** Reads every page of a list. An API that answers with the same marker for ever is item.unreadable, not a loop. */
export async function everyPage<P extends Page, Item>(
  operation: string,
  resource: string,
  fetchPage: (from: { Marker?: string }) => Promise<P>,
  itemsOf: (page: P) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  let marker: string | undefined;
  do {
    const page = await required(fetchPage(marker === undefined ? {} : { Marker: marker }), operation, resource);
    items.push(...(itemsOf(page) ?? []));
    if (page.NextMarker && page.NextMarker === marker)
      throw new HoldfastError('item.unreadable', `${operation} of ${resource} does not end`, { resource });
    marker = page.NextMarker || undefined;
  } while (marker !== undefined);
  return items;
}

/** Event source mappings of the region that invoke the function or one of its versions or aliases. */
export async function mappingsOf(
  lambda: Lambda,
  functionArn: string,
  resource: string,
): Promise<EventSourceMappingConfiguration[]> {
  const all = await everyPage(
    'ListEventSourceMappings',
    resource,
    (from) => lambda.listEventSourceMappings(from),
    (page) => page.EventSourceMappings,
  );
  return all.filter((mapping) => invokes(mapping, functionArn));
}

/** True when the mapping invokes the function, whatever the qualifier. A mapping on its way out does not count. */
export function invokes(mapping: EventSourceMappingConfiguration, functionArn: string): boolean {
  const arn = mapping.FunctionArn ?? '';
  return (arn === functionArn || arn.startsWith(`${functionArn}:`)) && mapping.State !== 'Deleting';
}

export const captureCalls = [
  call('lambda', 'ListFunctions'),
  call('lambda', 'ListVersionsByFunction'),
  call('lambda', 'ListAliases'),
  call('lambda', 'GetFunction'),
  call('lambda', 'GetPolicy'),
  call('lambda', 'ListTags'),
  call('lambda', 'ListEventSourceMappings'),
  call('lambda', 'ListCodeSigningConfigs'),
  call('lambda', 'ListFunctionUrlConfigs'),
  call('lambda', 'GetFunctionConcurrency'),
  call('lambda', 'ListProvisionedConcurrencyConfigs'),
  call('lambda', 'ListFunctionEventInvokeConfigs'),
  call('lambda', 'GetRuntimeManagementConfig'),
  call('lambda', 'GetFunctionRecursionConfig'),
  call('lambda', 'GetFunctionCodeSigningConfig'),
  call('lambda', 'GetFunctionScalingConfig'),
  call('lambda', 'ListLayers'),
  call('lambda', 'ListLayerVersions'),
  call('lambda', 'GetLayerVersion'),
  call('lambda', 'GetLayerVersionByArn', 'lambda:GetLayerVersion'),
  call('lambda', 'GetLayerVersionPolicy'),
];

export const restoreCalls = [
  ...captureCalls,
  call('lambda', 'GetAccountSettings'),
  call('lambda', 'GetFunctionConfiguration'),
  // A function runs as its role, and reads the layers it is made of.
  call('lambda', 'CreateFunction', 'lambda:CreateFunction', 'lambda:GetLayerVersion', 'iam:PassRole'),
  call('lambda', 'UpdateFunctionCode'),
  call(
    'lambda',
    'UpdateFunctionConfiguration',
    'lambda:UpdateFunctionConfiguration',
    'lambda:GetLayerVersion',
    'iam:PassRole',
  ),
  call('lambda', 'PublishVersion'),
  call('lambda', 'DeleteFunction'),
  call('lambda', 'GetAlias'),
  call('lambda', 'CreateAlias'),
  call('lambda', 'UpdateAlias'),
  call('lambda', 'DeleteAlias'),
  call('lambda', 'AddPermission'),
  call('lambda', 'RemovePermission'),
  call('lambda', 'PutFunctionConcurrency'),
  call('lambda', 'DeleteFunctionConcurrency'),
  call('lambda', 'PutProvisionedConcurrencyConfig'),
  call('lambda', 'DeleteProvisionedConcurrencyConfig'),
  call('lambda', 'PutFunctionEventInvokeConfig'),
  call('lambda', 'DeleteFunctionEventInvokeConfig'),
  call('lambda', 'PutRuntimeManagementConfig'),
  call('lambda', 'PutFunctionRecursionConfig'),
  call('lambda', 'PutFunctionCodeSigningConfig'),
  call('lambda', 'PutFunctionScalingConfig'),
  call('lambda', 'DeleteFunctionCodeSigningConfig'),
  call('lambda', 'CreateFunctionUrlConfig'),
  call('lambda', 'UpdateFunctionUrlConfig'),
  call('lambda', 'DeleteFunctionUrlConfig'),
  call('lambda', 'CreateEventSourceMapping'),
  call('lambda', 'UpdateEventSourceMapping'),
  call('lambda', 'DeleteEventSourceMapping'),
  call('lambda', 'GetEventSourceMapping'),
  call('lambda', 'TagResource'),
  call('lambda', 'UntagResource'),
  call('lambda', 'PublishLayerVersion'),
  call('lambda', 'DeleteLayerVersion'),
  call('lambda', 'AddLayerVersionPermission'),
  call('lambda', 'RemoveLayerVersionPermission'),
];
