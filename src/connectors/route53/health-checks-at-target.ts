import type { HealthCheck } from '@aws-sdk/client-route-53';
import type { RestoreContext } from '../contract.ts';
import { originOf } from './lineage.ts';
import { listHealthChecks } from './listing.ts';
import type { Options } from './options.ts';

export interface ChecksAtTarget {
  /** The check that is or replaces the captured one: by the identity of this run, by its id, by the caller reference. */
  find(id: string, origin: string): HealthCheck | undefined;
  readonly all: readonly HealthCheck[];
}

export async function checksAtTarget(context: RestoreContext<Options>): Promise<ChecksAtTarget> {
  const all = await listHealthChecks(context.aws);
  const byId = new Map(all.map((check) => [check.Id ?? '', check]));
  const byOrigin = new Map(all.map((check) => [originOf(check.Id ?? '', check.CallerReference), check]));
  return { all, find: (id, origin) => byId.get(context.identity(id)) ?? byId.get(id) ?? byOrigin.get(origin) };
}
