import { inventories } from '../../connectors/aws/inventory.ts';
import { type HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { SourceConfig } from '../../config/contract.ts';
import type { Connectors } from '../discover.ts';
import { discoverTargets } from '../discovery.ts';
import type { Estate } from '../contract.ts';
import { compileSelection } from '../selection.ts';
import { listTargets, type FoundResource } from '../sources.ts';
import type { CoverageReport } from './contract.ts';
import { createKnown } from './known.ts';

/** What exists, by all that can be asked. */
export interface Existing {
  readonly found: readonly FoundResource[];
  /** ARNs that no connector's listing explains. */
  readonly unknown: readonly {
    readonly arn: string;
    readonly region: string;
    readonly account: string;
    /** The account of the configuration in whose list it stands. */
    readonly of: string;
  }[];
  readonly lists: CoverageReport['lists'];
  readonly failures: HoldfastError[];
}

/**
 * Everything in the accounts and regions of the configuration: by the connectors, each asked for all it can list whatever the
 * sources say, and by AWS's own inventories. A list that is denied is a failure, and costs itself.
 */
export async function listExisting(estate: Estate, { types, lookup }: Connectors): Promise<Existing> {
  const failures: HoldfastError[] = [];
  const found: FoundResource[] = [];
  const targets = await listTargets(estate, await everySource(estate, { types, lookup }), lookup);
  await discoverTargets(estate, targets, compileSelection({ selectors: [] }), estate.signal, {
    found: (resource) => found.push(resource),
    failed: (_, error) => failures.push(error),
    done: () => undefined,
  });
  const known = createKnown();
  for (const resource of found) known.add(resource);
  const unknown = new Map<string, Existing['unknown'][number]>();
  const lists: { name: string; found: number; limits: string }[] = [
    { name: 'connectors', found: found.length, limits: 'only types that a connector knows' },
  ];
  for (const { name, limits, list } of inventories) {
    let count = 0;
    for (const { name: account, regions } of estate.config.accounts) {
      const home = await estate.aws(account);
      for (const region of regions)
        try {
          for await (const { arn, region: where } of list(home.inRegion(region))) {
            estate.signal.throwIfAborted();
            count++;
            if (known.has(arn)) continue;
            unknown.set(arn, { arn, region: where, account: arn.split(':')[4] || home.account, of: account });
          }
        } catch (error) {
          if (!isItemError(error) || estate.signal.aborted) throw error;
          failures.push(error);
        }
    }
    lists.push({ name, found: count, limits });
  }
  return { found, unknown: [...unknown.values()], lists, failures };
}

/** The sources of the configuration for what is on this machine or needs options; every other type with nothing left out. */
async function everySource(estate: Estate, { types, lookup }: Connectors): Promise<SourceConfig[]> {
  const sources: SourceConfig[] = [];
  for (const type of types) {
    const connector = await lookup(type);
    if (!connector) continue;
    const own = estate.config.sources.filter((source) => source.type === type);
    if (connector.scope === 'local' || !connector.options.safeParse({}).success) sources.push(...own);
    else sources.push({ type, name: type, include: [], exclude: [], options: {}, at: own[0]?.at ?? '1:1' });
  }
  return sources;
}
