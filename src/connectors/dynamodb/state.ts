import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { isItemError, type HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext } from '../contract.ts';
import { withoutScaledThroughput } from './autoscaling.ts';
import { dynamoClient, scalingClient } from './calls.ts';
import type { DynamoOptions } from './options.ts';
import type { Setting, SettingAccess } from './setting.ts';
import { scalingTargets, settings } from './settings.ts';
import { tableDocument, type TableDocument } from './table-document.ts';
import { describeTable, type Table } from './tables.ts';

/** A table as it is: its schema, and each setting that is set. */
export interface TableState {
  readonly access: SettingAccess;
  readonly description: TableDescription;
  readonly table: TableDocument;
  /** File → document; what is not set is absent. */
  readonly documents: ReadonlyMap<string, Json>;
  /** Settings that could not be read, and why. */
  readonly unread: ReadonlyMap<string, HoldfastError>;
}

/** The settings that the options ask for. */
export function wantedSettings(context: ConnectorContext<DynamoOptions>): readonly Setting[] {
  return settings.filter((setting) => setting.isWanted?.(context.options) ?? true);
}

/** Undefined when there is no such table. Throws item errors of DescribeTable; one setting's error costs that setting. */
export async function readState(
  context: ConnectorContext<DynamoOptions>,
  where: { readonly name: string; readonly resource: string },
): Promise<TableState | undefined> {
  const client = await dynamoClient(context.aws);
  const description = await describeTable(client, where.name, where.resource);
  if (description === undefined) return undefined;
  const table: Table = { ...where, arn: description.TableArn ?? '' };
  const indexes = (description.GlobalSecondaryIndexes ?? []).map(({ IndexName = '' }) => IndexName);
  const access: SettingAccess = { client, scaling: await scalingClient(context.aws), table, indexes };
  const documents = new Map<string, Json>();
  const unread = new Map<string, HoldfastError>();
  await Promise.all(
    wantedSettings(context).map(async (setting) => {
      try {
        const document = await setting.read(access);
        if (document !== undefined) documents.set(setting.file, document);
      } catch (error) {
        if (!isItemError(error)) throw error;
        unread.set(setting.file, error);
      }
    }),
  );
  const scaled = scalingTargets(documents.get('autoscaling.json'));
  const schema = withoutScaledThroughput(tableDocument(description), scaled);
  return { access, description, table: schema, documents, unread };
}
