import type { HealthCheckConfig } from '@aws-sdk/client-route-53';
import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import {
  capturedChecks,
  childrenOf,
  configFingerprint,
  findCheck,
  wantedConfig,
  type CapturedCheck,
} from './check-changes.ts';
import { checksAtTarget } from './health-checks-at-target.ts';
import { listTags } from './listing.ts';
import type { Options } from './options.ts';
import { countTags, diffTags } from './tags.ts';

/**
 * One action per health check that is missing or differs, children before the calculated checks that look at them. A check in
 * excess is never deleted, not even in mode exact: records of zones outside the snapshot may depend on it.
 */
export async function planChecks(
  context: RestoreContext<Options>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  const checks = (await capturedChecks(context, captured)).filter(
    ({ document }) => document.LinkedService === undefined,
  );
  if (checks.length === 0) return [];
  const target = await checksAtTarget(context);
  const live = new Map(checks.map((check) => [check.key, findCheck(target, check)]));
  const tags = await listTags(
    context.aws,
    'healthcheck',
    [...live.values()].flatMap((found) => found?.Id ?? []),
  );
  for (const { key, document } of checks) {
    const now = live.get(key)?.Id;
    if (now !== undefined && document.Id !== undefined && now !== document.Id) context.learn?.(document.Id, now);
  }
  const created = new Set(
    checks.filter((check) => live.get(check.key) === undefined).map(({ document }) => document.Id),
  );

  const actions: PlannedAction[] = [];
  for (const check of childrenFirst(checks)) {
    const there = live.get(check.key);
    const children = checks.filter(
      ({ document }) => created.has(document.Id) && childrenOf(check).includes(document.Id ?? ''),
    );
    if (there !== undefined) {
      if (context.mode === 'create-missing') continue;
      const wanted = wantedConfig(check, checks, target);
      const tagged =
        check.document.Tags === undefined
          ? 0
          : countTags(diffTags(check.document.Tags, tags.get(there.Id ?? '') ?? {}, context.mode));
      const same = configFingerprint(wanted) === configFingerprint(there.HealthCheckConfig);
      if (same && tagged === 0 && children.length === 0) continue;
    }
    const verb = there === undefined ? 'create' : 'update';
    actions.push({
      id: actionId(captured, verb, check),
      resource: captured.ref,
      operation: `${verb}-health-check`,
      title: `${verb} the health check ${describeCheck(check.document.HealthCheckConfig)}`,
      effect: verb,
      dependsOn: children.map((child) => actionId(captured, 'create', child)),
      input: { key: check.key },
      items: 1,
    });
  }
  return actions;
}

function actionId(captured: CapturedResource, verb: string, check: CapturedCheck): string {
  return `${resourceKey(captured.ref)}/${verb}-health-check/${check.origin}`;
}

function childrenFirst(checks: readonly CapturedCheck[]): CapturedCheck[] {
  const placed = new Set<CapturedCheck>();
  const place = (check: CapturedCheck, above: readonly CapturedCheck[]): void => {
    // Route 53 refuses circles; a snapshot that has one nevertheless must not hang the plan.
    if (placed.has(check) || above.includes(check)) return;
    const children = new Set(childrenOf(check));
    for (const child of checks) if (children.has(child.document.Id ?? '')) place(child, [...above, check]);
    placed.add(check);
  };
  for (const check of checks) place(check, []);
  return [...placed];
}

/** `HTTPS www.example.com:443/health`, `CALCULATED 2 of 3` */
function describeCheck(config: HealthCheckConfig | undefined): string {
  if (config?.Type === 'CALCULATED')
    return `CALCULATED ${config.HealthThreshold ?? 0} of ${config.ChildHealthChecks?.length ?? 0}`;
  if (config?.AlarmIdentifier !== undefined)
    return `of the alarm ${config.AlarmIdentifier.Name} in ${config.AlarmIdentifier.Region}`;
  const host = config?.FullyQualifiedDomainName ?? config?.IPAddress ?? '';
  const port = config?.Port === undefined ? '' : `:${config.Port}`;
  return `${config?.Type ?? ''} ${host}${port}${config?.ResourcePath ?? ''}`.trim();
}
