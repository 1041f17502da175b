import type { HealthCheck, HealthCheckConfig, UpdateHealthCheckRequest } from '@aws-sdk/client-route-53';
import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { RestoreContext } from '../contract.ts';
import { checksCollection, type CheckDocument } from './capture-account.ts';
import { plain } from './client.ts';
import type { ChecksAtTarget } from './health-checks-at-target.ts';
import { originOf } from './lineage.ts';
import type { Options } from './options.ts';

type Context = RestoreContext<Options>;

export interface CapturedCheck {
  /** `<id of the first>.json` */
  readonly key: string;
  readonly document: CheckDocument;
  readonly origin: string;
}

/** The captured health checks that the restore is about, by their ids. */
export async function capturedChecks(context: Context, captured: CapturedResource): Promise<CapturedCheck[]> {
  if (context.only !== undefined && context.only.collection !== checksCollection) return [];
  const prefix = context.only?.prefix;
  const checks: CapturedCheck[] = [];
  for await (const entry of captured.entries(checksCollection, prefix === undefined ? {} : { prefix })) {
    const document = JSON.parse(asBuffer(await captured.bytes(entry)).toString('utf8')) as CheckDocument;
    const origin = originOf(document.Id ?? '', document.CallerReference);
    checks.push({ key: asBuffer(entry.key).toString('utf8'), document, origin });
  }
  return checks;
}

export function findCheck(target: ChecksAtTarget, check: CapturedCheck): HealthCheck | undefined {
  return target.find(check.document.Id ?? '', check.origin);
}

/** Ids of the checks that a calculated one looks at. */
export function childrenOf(check: CapturedCheck): readonly string[] {
  return check.document.HealthCheckConfig?.ChildHealthChecks ?? [];
}

/** The configuration at the target: children by the ids they have there. */
export function wantedConfig(
  check: CapturedCheck,
  captured: readonly CapturedCheck[],
  target: ChecksAtTarget,
): HealthCheckConfig {
  const config = { ...check.document.HealthCheckConfig, Type: check.document.HealthCheckConfig?.Type };
  if (config.ChildHealthChecks === undefined) return config;
  const children = config.ChildHealthChecks.map((id) => {
    const child = captured.find(({ document }) => document.Id === id);
    return target.find(id, child?.origin ?? id)?.Id ?? id;
  });
  return { ...config, ChildHealthChecks: children };
}

/** Equal for checks that check the same; lists are sets. */
export function configFingerprint(config: HealthCheckConfig | undefined): string {
  const { ChildHealthChecks: children, Regions: regions, ...rest } = config ?? {};
  const sorted = {
    ...rest,
    ChildHealthChecks: children && [...children].sort(),
    Regions: regions && [...regions].sort(),
  };
  return compactJson(withoutEmpty(plain(sorted)));
}

const resettable = ['ChildHealthChecks', 'FullyQualifiedDomainName', 'Regions', 'ResourcePath'] as const;

/** Everything of a check that can be changed; its type, interval and latency measurement cannot. */
export function updateOf(live: HealthCheck, wanted: HealthCheckConfig): UpdateHealthCheckRequest {
  const {
    Type: _type,
    RequestInterval: _interval,
    MeasureLatency: _latency,
    RoutingControlArn: _control,
    ...changeable
  } = wanted;
  const ResetElements = resettable.filter((name) => isEmpty(wanted[name]) && !isEmpty(live.HealthCheckConfig?.[name]));
  return { ...changeable, HealthCheckId: live.Id, ...(ResetElements.length > 0 ? { ResetElements } : {}) };
}

function withoutEmpty(value: Json): Json {
  return Object.fromEntries(Object.entries(value as Record<string, Json>).filter(([, inner]) => !isEmpty(inner)));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
