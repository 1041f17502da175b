import type { ConnectorContext, DiscoveredResource } from '../../../src/connectors/contract.ts';
import { required } from '../../../src/connectors/aws/classify.ts';
import { iam } from './group.ts';

/** Lists groups a page at a time; nothing is held. */
export async function* discover({ aws }: ConnectorContext): AsyncGenerator<DiscoveredResource> {
  const { client, sdk } = await iam(aws);
  let Marker: string | undefined;
  do {
    const page = client.send(new sdk.ListGroupsCommand(Marker ? { Marker } : {}));
    const answer = await required(page, 'ListGroups', 'iam-groups');
    for (const { GroupName: name = '', Arn: id = '' } of answer.Groups ?? []) {
      yield { ref: { type: 'iam-groups', name, id, region: 'global', account: aws.account }, tags: {} };
    }
    Marker = answer.IsTruncated ? answer.Marker : undefined;
  } while (Marker !== undefined);
}
