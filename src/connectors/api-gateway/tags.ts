import type { APIGateway } from '@aws-sdk/client-api-gateway';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { partitionOf } from '../aws/partition.ts';
import type { Address, Scene } from '../documents/contract.ts';

/** Makes the tags of `/restapis/abc` and the like so. */
export async function writeTags(
  { client, aws }: Scene<APIGateway>,
  { resource }: Pick<Address, 'resource'>,
  path: string,
  wanted: Json | undefined,
  live: Json | undefined,
): Promise<void> {
  const resourceArn = `arn:${partitionOf(aws.region)}:apigateway:${aws.region}::${path}`;
  const tags = (wanted ?? {}) as Record<string, string>;
  const tagKeys = Object.keys((live ?? {}) as object).filter((key) => !(key in tags));
  if (tagKeys.length > 0) await required(client.untagResource({ resourceArn, tagKeys }), 'UntagResource', resource);
  if (Object.keys(tags).length > 0) await required(client.tagResource({ resourceArn, tags }), 'TagResource', resource);
}
