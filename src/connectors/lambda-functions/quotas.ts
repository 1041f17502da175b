import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import { needed, type Creation, type QuotaUse } from '../quotas.ts';
import { lambdaClient } from './calls.ts';
import type { LambdaOptions } from './options.ts';
import { concurrencyFile } from './parts.ts';

/** Executions that Lambda keeps for functions without a reservation (Lambda developer guide, reserved concurrency). */
const keptUnreserved = 100;

/** One call tells what code takes of its space, and what is left to reserve (Lambda API, GetAccountSettings). */
export async function quotas(
  { aws }: ConnectorContext<LambdaOptions>,
  creations: readonly Creation[],
): Promise<QuotaUse[]> {
  const lambda = await lambdaClient(aws);
  const answer = await required(lambda.getAccountSettings({}), 'GetAccountSettings', 'lambda-functions');
  const { AccountLimit: limits, AccountUsage: usage } = answer;
  let bytes = 0;
  let reserved = 0;
  for (const { action, captured } of creations) {
    bytes += action.bytes ?? 0;
    if (action.operation !== 'create-function') continue;
    const concurrency = await captured.json('', concurrencyFile);
    reserved += Number((concurrency as Record<string, Json> | undefined)?.['ReservedConcurrentExecutions'] ?? 0);
  }
  const all = limits?.ConcurrentExecutions ?? 0;
  const alreadyReserved = all - (limits?.UnreservedConcurrentExecutions ?? all);
  return needed([
    {
      what: 'bytes of Lambda code',
      needed: bytes,
      used: usage?.TotalCodeSize ?? 0,
      limit: limits?.TotalCodeSize ?? 0,
    },
    {
      what: 'reserved concurrent executions of Lambda',
      needed: reserved,
      used: alreadyReserved,
      limit: Math.max(0, all - keptUnreserved),
    },
  ]);
}
