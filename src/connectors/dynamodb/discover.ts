import { mapOrdered } from '../../kernel/concurrency.ts';
import { isItemError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { partitionOf } from '../aws/partition.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { dynamoClient } from './calls.ts';
import type { DynamoOptions } from './options.ts';
import { readTags } from './tags.ts';
import { describeTable, type } from './tables.ts';

/** Every table of the region, with its tags, and what DynamoDB last counted (it counts about every six hours). */
export async function* discover(context: ConnectorContext<DynamoOptions>): AsyncIterable<DiscoveredResource> {
  const found = mapOrdered(tableNames(context), 8, (name) => describe(context, name));
  for await (const resource of found) if (resource !== undefined) yield resource;
}

/** Names of all tables of the region, a page at a time. */
export async function* tableNames(context: ConnectorContext<DynamoOptions>): AsyncIterable<string> {
  const client = await dynamoClient(context.aws);
  let from: string | undefined;
  do {
    const page = await required(
      client.listTables(from === undefined ? {} : { ExclusiveStartTableName: from }),
      'ListTables',
      `${type} in ${context.aws.region}`,
    );
    yield* page.TableNames ?? [];
    // An answer that names the same table again would never end.
    from = page.LastEvaluatedTableName === from ? undefined : page.LastEvaluatedTableName;
  } while (from !== undefined);
}

async function describe(
  context: ConnectorContext<DynamoOptions>,
  name: string,
): Promise<DiscoveredResource | undefined> {
  const { aws } = context;
  const client = await dynamoClient(aws);
  const resource = `${type}/${name}`;
  const ref = { type, name, id: arnOf(aws, name), region: aws.region, account: aws.account };
  try {
    const table = await describeTable(client, name, resource);
    if (table === undefined || table.TableStatus === 'DELETING') return undefined;
    const id = table.TableArn ?? ref.id;
    return {
      ref: { ...ref, id },
      tags: await tagsOf(context, id, resource),
      expected: { entries: table.ItemCount ?? 0, bytes: table.TableSizeBytes ?? 0 },
    };
  } catch (error) {
    // It is there: its capture asks again and says what is wrong.
    if (isItemError(error)) return { ref, tags: {} };
    throw error;
  }
}

async function tagsOf(
  context: ConnectorContext<DynamoOptions>,
  arn: string,
  resource: string,
): Promise<Readonly<Record<string, string>>> {
  try {
    const tags = await readTags(await dynamoClient(context.aws), arn, resource);
    return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  } catch (error) {
    if (isItemError(error)) return {};
    throw error;
  }
}

function arnOf(aws: AwsAccess, name: string): string {
  return `arn:${partitionOf(aws.region)}:dynamodb:${aws.region}:${aws.account}:table/${name}`;
}
