import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { PortRange } from './listeners.ts';

interface HasPorts {
  readonly PortRanges: readonly PortRange[];
}

/** Whether two listeners want a port that only one of them can have. */
export function portsInCommon(a: HasPorts, b: HasPorts): boolean {
  return a.PortRanges.some((one) =>
    b.PortRanges.some((two) => one.FromPort <= two.ToPort && two.FromPort <= one.ToPort),
  );
}

/** Whether two values are the same as JSON. */
export function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}
