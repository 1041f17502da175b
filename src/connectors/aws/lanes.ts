import type { PacedCall } from './contract.ts';
import type { Pace } from './rate.ts';

/** Calls that share a limit: an API of an account and region, or what has a capacity of its own. */
export interface Lane {
  readonly name: string;
  readonly pace: Pace;
}

/** Calls per second an API grants an account in a region by default; what is not listed starts at 50. */
const grantedRates: Readonly<Record<string, number>> = {
  // Route 53: five requests per second and account (Route 53 developer guide, DNSLimitations).
  route53: 5,
  iam: 20,
  cloudfront: 20,
  // Lambda control plane: 15 per second across the other calls, GetFunction 100 (Lambda quotas).
  lambda: 60,
  // The control plane: calls for items are limited by their table.
  dynamodb: 400,
  // ListServiceQuotas and the list of defaults: 10 (Service Quotas, its own quotas L-65470577 and L-71DCD22A).
  servicequotas: 10,
  // 3,500 writes and 5,500 reads a second to each prefix of a bucket (S3 user guide, optimizing performance).
  s3: 3500,
};

/**
 * Reading and writing items has no quota of calls: what limits it is the capacity of the table, which only its throttling tells. A
 * table on demand begins with 4,000 write units a second (developer guide, on-demand capacity mode): 160 batches of 25 small
 * items; with 12,000 read units.
 */
const itemPaces: Readonly<Record<'read' | 'write', Pace>> = {
  read: { start: 400, isGranted: false },
  write: { start: 160, isGranted: false },
};

const itemCalls: Readonly<Record<string, 'read' | 'write'>> = {
  BatchGetItem: 'read',
  GetItem: 'read',
  Query: 'read',
  Scan: 'read',
  BatchWriteItem: 'write',
  DeleteItem: 'write',
  PutItem: 'write',
  UpdateItem: 'write',
};

export function laneOf({ api, operation, resource }: PacedCall): Lane {
  const kind = api === 'dynamodb' && resource !== undefined ? itemCalls[operation] : undefined;
  if (kind === undefined) return { name: api, pace: { start: grantedRates[api] ?? 50, isGranted: true } };
  return { name: `${api}/${kind}/${resource}`, pace: itemPaces[kind] };
}

/** The table that a command of the SDK is about, given what its middleware is given. */
export function tableIn(args: unknown): string | undefined {
  const { input } = args as { readonly input?: { readonly TableName?: unknown; readonly RequestItems?: unknown } };
  if (typeof input?.TableName === 'string') return input.TableName;
  const requests = input?.RequestItems;
  return typeof requests === 'object' && requests !== null ? Object.keys(requests)[0] : undefined;
}
