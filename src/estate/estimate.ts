import type { PlannedAction } from '../connectors/contract.ts';

/** What the prices below are of; printed with every estimate. */
export const estimatePrices = { region: 'us-east-1', currency: 'USD', asOf: '2025-11' } as const;

/** What a restore will take and cost, roughly: to know beforehand whether it is minutes or hours, cents or hundreds. */
export interface RestoreEstimate {
  /** From the first action to the last, at the rates AWS grants an account by default. */
  readonly seconds: number;
  /** USD, once: requests. */
  readonly once: number;
  /** USD per month as long as what comes back is kept: storage, zones, keys, alarms. */
  readonly monthly: number;
  /** Types whose prices are not in the table. */
  readonly unpriced: readonly string[];
}

interface Costs {
  /** Calls a second that AWS grants an account in a region, for what this type writes. */
  readonly callsPerSecond: number;
  /** Seconds until one resource of the type can be used, beside the calls. */
  readonly settling?: number;
  /** USD per 1,000 items written. */
  readonly perThousandItems?: number;
  /** USD per GiB and month. */
  readonly perGiBMonth?: number;
  /** USD per month of what is created: by its folder in the layout (`keys`; '' without one), or by the operation. */
  readonly perMonth?: Readonly<Record<string, number>>;
}

/**
 * Route 53: DNSLimitations; Lambda, DynamoDB and S3: their quotas pages; prices: the services' own pages, in `estimatePrices`.
 * What is free is in the table as well: what is not in it has no known price.
 */
const table: Readonly<Record<string, Costs>> = {
  's3-buckets': { callsPerSecond: 800, perThousandItems: 0.005, perGiBMonth: 0.023 },
  'lambda-functions': { callsPerSecond: 15, settling: 3 },
  dynamodb: { callsPerSecond: 400, settling: 20, perGiBMonth: 0.25 },
  route53: { callsPerSecond: 5, perMonth: { 'create-zone': 0.5, 'create-health-check': 0.5 } },
  cloudfront: { callsPerSecond: 20 },
  iam: { callsPerSecond: 20, settling: 10 },
  kms: { callsPerSecond: 15, perMonth: { keys: 1 } },
  cloudwatch: { callsPerSecond: 10, perMonth: { alarms: 0.1, 'composite-alarms': 0.5, dashboards: 3 } },
  sqs: { callsPerSecond: 50 },
  sns: { callsPerSecond: 30 },
  eventbridge: { callsPerSecond: 50 },
  scheduler: { callsPerSecond: 50 },
  local: { callsPerSecond: 5000 },
  // Rows and keys go in bulk; measured on two cores, as slow as it was seen (docs/benchmarks.md).
  postgres: { callsPerSecond: 50_000 },
  redis: { callsPerSecond: 5000 },
};

const unknown: Costs = { callsPerSecond: 10 };
/** Written by this machine over a line of its own; a guess that errs on the slow side. */
const bytesPerSecond = 30 * 1024 * 1024;
const gibibyte = 1024 ** 3;

/** Types come one after another, and a type's actions are held back by its calls or by its bytes. */
export function estimateRestore(actions: readonly PlannedAction[]): RestoreEstimate {
  let seconds = 0;
  let once = 0;
  let monthly = 0;
  const types = [...new Set(actions.map(({ resource }) => resource.type))];
  for (const type of types) {
    const ofType = actions.filter(({ resource, effect }) => resource.type === type && effect !== 'delete');
    const costs = table[type] ?? unknown;
    const items = ofType.reduce((sum, action) => sum + (action.items ?? 1), 0);
    const bytes = ofType.reduce((sum, action) => sum + (action.bytes ?? 0), 0);
    // Each action is written and read back.
    const calls = items + ofType.length * 2;
    seconds += Math.max(calls / costs.callsPerSecond, bytes / bytesPerSecond) + (costs.settling ?? 0);
    once += (items / 1000) * (costs.perThousandItems ?? 0);
    monthly += (bytes / gibibyte) * (costs.perGiBMonth ?? 0) + rent(ofType, costs.perMonth);
  }
  return {
    seconds: Math.ceil(seconds),
    once: Number(once.toFixed(4)),
    monthly: Number(monthly.toFixed(2)),
    unpriced: types.filter((type) => !(type in table)).sort(),
  };
}

function rent(actions: readonly PlannedAction[], prices: Costs['perMonth'] = {}): number {
  const created = actions.filter(({ effect, operation }) => effect === 'create' && operation.startsWith('create'));
  return created.reduce((sum, { operation, resource: { name } }) => {
    const folder = name.includes('/') ? name.slice(0, name.indexOf('/')) : '';
    return sum + (prices[operation] ?? prices[folder] ?? 0);
  }, 0);
}
