import type { Parameter, SSM } from '@aws-sdk/client-ssm';
import type { Json } from '../../kernel/json.ts';
import { ifAllowed } from '../documents/allowed.ts';
import { required } from '../aws/classify.ts';
import type { Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';
import { arnOf, asMetadata, resourceName, type Listed } from './parameter.ts';

const namesPerQuestion = 10;

/** Parameters of this account a page at a time, with tags, and with values by tens. */
export async function* listParameters({ client, aws }: Scene<SSM>): AsyncGenerator<Found> {
  const ask = async (NextToken?: string) =>
    await required(client.describeParameters({ MaxResults: 50, NextToken }), 'DescribeParameters', 'ssm-parameters');
  for await (const { Parameters = [] } of pages(ask, (page) => page.NextToken))
    for (let i = 0; i < Parameters.length; i += namesPerQuestion) {
      const some = Parameters.slice(i, i + namesPerQuestion).map(asMetadata);
      const values = await readValues(
        client,
        some.map(({ Name }) => Name),
      );
      for (const metadata of some) {
        const { Name } = metadata;
        const tags = await ifAllowed(readTags(client, Name, `ssm-parameters/${resourceName(Name)}`));
        const value = values.get(Name);
        const known = tags ? { tags } : {};
        const listed: Listed = { metadata, ...known, ...(value === undefined ? {} : { value }) };
        yield { name: resourceName(Name), id: arnOf(aws, Name), ...known, listed: listed as unknown as Json };
      }
    }
}

/** Decrypted. One key that may not be used costs the answer, not the values: each is asked for by itself then. */
async function readValues(client: SSM, Names: string[]): Promise<ReadonlyMap<string, string>> {
  const reading = client.getParameters({ Names, WithDecryption: true });
  const { Parameters = [] } = (await ifAllowed(required(reading, 'GetParameters', 'ssm-parameters'))) ?? {};
  return new Map(Parameters.map(({ Name = '', Value = '' }: Parameter) => [Name, Value] as const));
}

export async function readTags(client: SSM, ResourceId: string, resource: string): Promise<Record<string, string>> {
  const reading = client.listTagsForResource({ ResourceType: 'Parameter', ResourceId });
  return tagsOf((await required(reading, 'ListTagsForResource', resource)).TagList);
}
