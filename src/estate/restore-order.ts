import type { Connector } from '../connectors/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';

/** Looks a connector up; undefined for a type nobody registered. */
export type DependencyLookup = (type: string) => Promise<Pick<Connector, 'dependsOn'> | undefined>;

export interface RestoreOrder {
  /** Types in an order in which each comes after all it depends on; equals stay in alphabetical order. */
  readonly types: readonly string[];
  /** For each type, those of `types` that must be done before it, directly or by way of others. */
  readonly before: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * The order of restore across types, from what the connectors declare. A type that is not restored still passes its
 * dependencies on. Throws internal.bug naming the circle when connectors depend on each other.
 */
export async function orderTypes(wanted: readonly string[], lookup: DependencyLookup): Promise<RestoreOrder> {
  const all = new Map<string, ReadonlySet<string>>();

  async function everythingBefore(type: string, path: readonly string[]): Promise<ReadonlySet<string>> {
    if (path.includes(type)) {
      const circle = [...path.slice(path.indexOf(type)), type].join(' → ');
      throw new HoldfastError('internal.bug', `restore order: these types depend on each other: ${circle}`);
    }
    const known = all.get(type);
    if (known) return known;
    const found = new Set<string>();
    for (const dependency of (await lookup(type))?.dependsOn ?? []) {
      found.add(dependency);
      for (const further of await everythingBefore(dependency, [...path, type])) found.add(further);
    }
    all.set(type, found);
    return found;
  }
  const before = new Map<string, ReadonlySet<string>>();
  for (const type of wanted) {
    const needed = await everythingBefore(type, []);
    before.set(type, new Set([...needed].filter((one) => wanted.includes(one))));
  }
  // Whatever comes before a type has fewer types before it than the type has itself: a count is an order.
  const rank = (type: string): number => before.get(type)?.size ?? 0;
  const types = [...before.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return { types, before };
}
