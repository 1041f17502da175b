import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import { capture, discover } from './capture.ts';
import type { DocumentService } from './contract.ts';
import { kindOf } from './names.ts';
import { plan } from './plan.ts';
import { quotaCalls } from '../service-quotas/limits.ts';
import { quotasOf } from './quotas.ts';

/** The connector of a service whose resources are documents. */
export function documentConnector<Client, Options>(service: DocumentService<Client, Options>): Connector<Options> {
  const { type, title, scope, dependsOn, calls, options, kinds, points, quotas } = service;
  const parts = new Map(kinds.flatMap((kind) => kind.parts.map((part) => [part.file, part] as const)));
  return {
    type,
    title,
    scope,
    dependsOn,
    calls: quotas?.rows ? { ...calls, restore: [...calls.restore, ...quotaCalls] } : calls,
    options,
    ...(points ? { points } : {}),
    discover: (context) => discover(service, context),
    capture: (context, resource, sink) => capture(service, context, resource, sink),
    comparable({ collection, key, part }, value) {
      const compare = part === 'content' && collection === '' ? parts.get(key)?.comparable : undefined;
      // Where nothing in it counts, one document says as much as another.
      return compare ? (compare(value) ?? {}) : value;
    },
    ...(kinds.some(({ live }) => live)
      ? {
          live: {
            directoryOnly(ref, points = []) {
              const { live, directoryOnly } = kindOf(service, ref);
              const isThere = points.some(({ kind: one }) => live?.madeOf?.includes(one) ?? true);
              return live && isThere ? undefined : directoryOnly;
            },
            toMoment: (ref) => kindOf(service, ref).live?.toMoment === true,
            rank: (ref) => kindOf(service, ref).rank ?? 0,
            plan: (context, captured) => plan(service, context, captured),
            apply: (context, action, captured) => apply(service, context, action, captured),
            ...(quotas ? { quotas: (context, creations) => quotasOf(service, quotas, context, creations) } : {}),
          },
        }
      : {}),
  };
}
