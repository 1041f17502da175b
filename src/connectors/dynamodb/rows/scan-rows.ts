import type { DynamoDB, ScanCommandInput, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { takeList } from './take-list.ts';

/** One page of a scan, its items still as they came. */
export interface RawPage extends Omit<ScanCommandOutput, 'Items'> {
  /** What stood between the brackets of `Items`. */
  readonly list: Uint8Array;
}

/** Scan, without making values of the items. Throws what the SDK throws, item.damaged and item.unreadable. */
export async function scanRows(client: DynamoDB, input: ScanCommandInput, resource: string): Promise<RawPage> {
  const { ScanCommand } = await import('@aws-sdk/client-dynamodb');
  const command = new ScanCommand(input);
  const list = takeList(command, { operation: 'Scan', resource, names: ['Items'] });
  const page = await client.send(command);
  return { ...page, list: list() };
}
