import type { ScanCommandInput, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { isItemError, type HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import type { KeyAttribute } from './item-key.ts';
import type { DynamoOptions } from './options.ts';
import type { Table } from './tables.ts';

const segmentsAtOnce = 16;
const mebibyte = 1024 * 1024;

/** Table sizes (bytes, as DynamoDB counts them) up to which a scan has so many segments: the same for the same class. */
const sizeClasses: readonly (readonly [number, number])[] = [
  [64 * mebibyte, 1],
  [1024 * mebibyte, 4],
  [16 * 1024 * mebibyte, 16],
  [256 * 1024 * mebibyte, 64],
];

export function segmentsFor(bytes: number): number {
  return sizeClasses.find(([limit]) => bytes < limit)?.[1] ?? 256;
}

/** What every answer to Scan says, however its items are read. */
export type ScanAnswer = Pick<ScanCommandOutput, 'ConsumedCapacity' | 'LastEvaluatedKey'>;

export interface ScanSettings<Page extends ScanAnswer> {
  readonly segments: number;
  readonly consistent: boolean;
  /** Only these attributes. */
  readonly only?: readonly KeyAttribute[];
  /** Asks for one page. */
  readonly scan: (input: ScanCommandInput) => Promise<Page>;
  readonly onPage: (page: Page) => Promise<void>;
  /** A segment that could not be read to its end. Absent: the error is thrown. */
  readonly onLost?: (segment: number, error: HoldfastError) => void;
}

/** Reads every item of a table, in parallel segments (disjoint, and complete together), within the budget of the options. */
export async function scanTable<Page extends ScanAnswer>(
  context: ConnectorContext<DynamoOptions>,
  table: Table,
  settings: ScanSettings<Page>,
): Promise<void> {
  const budget = createReadBudget(context);
  const segments = Array.from({ length: settings.segments }, (_, i) => i);
  await forEachConcurrent(segments, segmentsAtOnce, async (segment) => {
    try {
      await scanSegment(context, table, settings, segment, budget);
    } catch (error) {
      if (!isItemError(error) || settings.onLost === undefined) throw error;
      settings.onLost(segment, error);
    }
  });
}

async function scanSegment<Page extends ScanAnswer>(
  context: ConnectorContext<DynamoOptions>,
  table: Table,
  settings: ScanSettings<Page>,
  Segment: number,
  budget: ReadBudget,
): Promise<void> {
  const input: ScanCommandInput = {
    TableName: table.name,
    ...(settings.segments === 1 ? {} : { Segment, TotalSegments: settings.segments }),
    ConsistentRead: settings.consistent,
    ReturnConsumedCapacity: 'TOTAL',
    ...(settings.only === undefined ? {} : projection(settings.only)),
  };
  let from: ScanCommandInput['ExclusiveStartKey'];
  do {
    context.signal.throwIfAborted();
    await budget.wait();
    const page = await required(
      settings.scan(from === undefined ? input : { ...input, ExclusiveStartKey: from }),
      'Scan',
      table.resource,
    );
    budget.spend(page.ConsumedCapacity?.CapacityUnits ?? 0);
    await settings.onPage(page);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

interface ReadBudget {
  /** Until what was spent is paid for. */
  wait(): Promise<void>;
  spend(units: number): void;
}

/** A page costs what DynamoDB says afterwards: the next one waits for it, over all segments together. */
function createReadBudget(context: ConnectorContext<DynamoOptions>): ReadBudget {
  const { rcu } = context.options;
  const { clock } = context.runtime;
  if (rcu === undefined) return { wait: async () => {}, spend: () => {} };
  let paidUntil = clock.now();
  return {
    async wait() {
      const ahead = paidUntil - clock.now();
      if (ahead > 0) await clock.sleep(ahead, context.signal);
    },
    spend(units) {
      paidUntil = Math.max(paidUntil, clock.now()) + (units / rcu) * 1000;
    },
  };
}

function projection(attributes: readonly KeyAttribute[]): Partial<ScanCommandInput> {
  // Names may be reserved words, so each has a placeholder.
  return {
    ProjectionExpression: attributes.map((_, i) => `#k${i}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map(({ name }, i) => [`#k${i}`, name])),
  };
}
