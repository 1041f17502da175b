import type { HealthCheck } from '@aws-sdk/client-route-53';
import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import {
  capturedChecks,
  configFingerprint,
  findCheck,
  updateOf,
  wantedConfig,
  type CapturedCheck,
} from './check-changes.ts';
import { checksCollection } from './capture-account.ts';
import { route53 } from './client.ts';
import { checksAtTarget, type ChecksAtTarget } from './health-checks-at-target.ts';
import { callerReference, maxAttempts } from './lineage.ts';
import type { Options } from './options.ts';
import { countTags, setTags, tagChanges } from './tags.ts';

type Context = RestoreContext<Options>;

/** Creates or updates one health check, sets its tags, and reads both back. */
export async function applyCheck(
  context: Context,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const checks = await capturedChecks(
    { ...context, only: { collection: checksCollection, prefix: new Uint8Array() } },
    captured,
  );
  const { key } = action.input as { readonly key: string };
  const check = checks.find((one) => one.key === key);
  const resource = `${resourceKey(captured.ref)}/${checksCollection}/${key}`;
  if (check === undefined) throw new HoldfastError('plan.invalid', `the snapshot has no ${resource}`, { resource });

  const target = await checksAtTarget(context);
  const there = findCheck(target, check);
  const changes = there === undefined ? undefined : await update(context, check, checks, target, there, resource);
  const id = there?.Id ?? (await create(context, check, checks, target, resource));
  const tags = await tagChanges(context, check.document.Tags, 'healthcheck', id);
  if (countTags(tags) > 0) await setTags(context, 'healthcheck', id, tags, resource);
  if (there === undefined || context.mode !== 'create-missing') await readBack(context, check, checks, id, resource);

  const result = changes === 'unchanged' && countTags(tags) === 0 ? 'unchanged' : 'done';
  if (id === check.document.Id) return { result, class: 'exact', items: 1 };
  return {
    result,
    class: 'new-identity',
    note: `the health check ${check.document.Id} is ${id} now; adapt alarms and dashboards that name it`,
    identities: [
      { from: check.document.Id ?? '', to: id },
      { from: `arn:aws:route53:::healthcheck/${check.document.Id}`, to: `arn:aws:route53:::healthcheck/${id}` },
    ],
    items: 1,
  };
}

async function create(
  context: Context,
  check: CapturedCheck,
  checks: readonly CapturedCheck[],
  target: ChecksAtTarget,
  resource: string,
): Promise<string> {
  const { client, sdk } = await route53(context.aws);
  const HealthCheckConfig = wantedConfig(check, checks, target);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      const CallerReference = callerReference(check.origin, attempt);
      const { HealthCheck } = await client.send(
        new sdk.CreateHealthCheckCommand({ CallerReference, HealthCheckConfig }),
      );
      return HealthCheck?.Id ?? '';
    } catch (error) {
      // The reference belongs to a check with other settings, or to one that was deleted: only the first can be found.
      if (!isAwsError(error, 'HealthCheckAlreadyExists')) throw fromAws(error, 'CreateHealthCheck', resource);
      const now = await checksAtTarget(context);
      const there = findCheck(now, check);
      if (there?.Id === undefined) continue;
      await update(context, check, checks, now, there, resource);
      return there.Id;
    }
  }
  throw new HoldfastError('item.conflict', `${resource} could not be created: its caller references are used`, {
    resource,
  });
}

async function update(
  context: Context,
  check: CapturedCheck,
  checks: readonly CapturedCheck[],
  target: ChecksAtTarget,
  live: HealthCheck,
  resource: string,
): Promise<'done' | 'unchanged'> {
  const wanted = wantedConfig(check, checks, target);
  if (context.mode === 'create-missing' || configFingerprint(wanted) === configFingerprint(live.HealthCheckConfig))
    return 'unchanged';
  const { client, sdk } = await route53(context.aws);
  await required(client.send(new sdk.UpdateHealthCheckCommand(updateOf(live, wanted))), 'UpdateHealthCheck', resource);
  return 'done';
}

async function readBack(
  context: Context,
  check: CapturedCheck,
  checks: readonly CapturedCheck[],
  HealthCheckId: string,
  resource: string,
): Promise<void> {
  const { client, sdk } = await route53(context.aws);
  const { HealthCheck } = await required(
    client.send(new sdk.GetHealthCheckCommand({ HealthCheckId })),
    'GetHealthCheck',
    resource,
  );
  const wanted = wantedConfig(check, checks, await checksAtTarget(context));
  if (configFingerprint(wanted) === configFingerprint(HealthCheck?.HealthCheckConfig)) return;
  throw new HoldfastError('item.unreadable', `${resource} was accepted and reads back with another configuration`, {
    resource,
  });
}
