import type { IdentityLookup } from '../connectors/rewrite.ts';
import type { ResourceRef } from '../kernel/entry.ts';

/** Where the identities of one restore go: foretold where the provider derives them from names, and learned from what is done. */
export interface Identities extends IdentityLookup {
  /** Learned: overrides what was foretold. */
  set(from: string, to: string): void;
  /** A resource goes to this account and region, under this name: its ARN follows from that. */
  foretell(ref: ResourceRef, target: IdentityTarget): void;
  /** It is not restored although others of its region are: what refers to it goes on referring to the one that is there. */
  stays(ref: ResourceRef): void;
  /** What was learned, for the report. */
  learned(): ReadonlyMap<string, string>;
}

export interface IdentityTarget {
  readonly account: string;
  readonly region: string;
  /** Its name at the target where it is another one. */
  readonly renamed?: { readonly from: string; readonly to: string };
}

/**
 * `everything`: the whole snapshot is restored, so that what none of its resources is (log groups, wildcards of policies)
 * goes along to the same account and region. Otherwise what is not restored stays where it is.
 */
export function createIdentities({ everything }: { readonly everything: boolean }): Identities {
  const foretold = new Map<string, string>();
  const learned = new Map<string, string>();
  const accounts = new Map<string, string>();
  const regions = new Map<string, string>();
  return {
    get: (old) => learned.get(old) ?? foretold.get(old),
    set: (from, to) => void learned.set(from, to),
    learned: () => learned,
    foretell(ref, target) {
      if (ref.region !== 'global' && ref.region !== 'local') regions.set(ref.region, target.region);
      accounts.set(ref.account, target.account);
      if (!ref.id.startsWith('arn:')) return;
      const moved = movedArn(ref.id, accounts, regions);
      const { renamed } = target;
      const to = renamed && moved.endsWith(renamed.from) ? moved.slice(0, -renamed.from.length) + renamed.to : moved;
      if (to !== ref.id) foretold.set(ref.id, to);
    },
    stays: ({ id }) => void foretold.set(id, id),
    move: (arn) => (everything ? movedArn(arn, accounts, regions) : arn),
    region: (name) => (everything ? (regions.get(name) ?? name) : name),
  };
}

function movedArn(arn: string, accounts: ReadonlyMap<string, string>, regions: ReadonlyMap<string, string>): string {
  const parts = arn.split(':');
  const [, , , region = '', account = ''] = parts;
  parts[3] = regions.get(region) ?? region;
  parts[4] = accounts.get(account) ?? account;
  return parts.join(':');
}
