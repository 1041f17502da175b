import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { partitionOf } from '../aws/partition.ts';
import type { Address, Scene } from '../documents/contract.ts';

/** Makes the tags of `/apis/abc` and the like so. */
export async function writeTags(
  { client, aws }: Scene<ApiGatewayV2>,
  { resource }: Pick<Address, 'resource'>,
  path: string,
  wanted: Json | undefined,
  live: Json | undefined,
): Promise<void> {
  const ResourceArn = `arn:${partitionOf(aws.region)}:apigateway:${aws.region}::${path}`;
  const Tags = (wanted ?? {}) as Record<string, string>;
  const TagKeys = Object.keys((live ?? {}) as object).filter((key) => !(key in Tags));
  if (TagKeys.length > 0) await required(client.untagResource({ ResourceArn, TagKeys }), 'UntagResource', resource);
  if (Object.keys(Tags).length > 0) await required(client.tagResource({ ResourceArn, Tags }), 'TagResource', resource);
}
