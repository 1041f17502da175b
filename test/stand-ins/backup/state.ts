/** A JSON object, as it goes over the wire. */
export type Fields = Record<string, unknown>;

/** What AWS Backup keeps in one region. */
export interface Region {
  /** By name, id or ARN. */
  readonly vaults: Map<string, Fields>;
  readonly plans: Map<string, Plan>;
  readonly points: Map<string, Fields>;
  readonly backupJobs: Map<string, Fields>;
  readonly copyJobs: Map<string, Fields>;
  readonly restoreJobs: Map<string, Fields>;
  /** Of vaults, plans and points, by ARN. */
  readonly tags: Map<string, Record<string, string>>;
  settings: Fields;
}

export interface Plan {
  readonly facts: Fields;
  readonly selections: Map<string, Fields>;
}

export interface State {
  readonly regions: Map<string, Region>;
  /** Of the account, whatever the region. */
  readonly global: Record<string, string>;
  /** Operations that are answered with AccessDeniedException. */
  readonly denied: Set<string>;
  /** Makes what a restore job makes: its ARN, or what went wrong. */
  restored: (job: Fields, region: string) => Promise<{ readonly arn: string } | { readonly failure: string }>;
  /** Told of the tags of a new point that another service keeps (a snapshot of EBS), where its ARN is to come from. */
  taken: (job: Fields, region: string) => Promise<string | undefined>;
  /** Jobs that begin from now on end so, instead of COMPLETED. */
  ending?: string;
  count: number;
}

export const account = '123456789012';

export interface Place {
  readonly state: State;
  readonly region: Region;
  readonly name: string;
}

export type Operation = (place: Place, input: Fields) => Fields | Promise<Fields>;

export function emptyState(): State {
  return {
    regions: new Map(),
    global: { isCrossAccountBackupEnabled: 'false' },
    denied: new Set(),
    restored: ({ SourceResourceArn }) => Promise.resolve({ arn: `${String(SourceResourceArn)}-restored` }),
    taken: () => Promise.resolve(undefined),
    count: 0,
  };
}

export function regionOf({ regions }: State, name: string): Region {
  const known = regions.get(name);
  if (known) return known;
  const made: Region = {
    vaults: new Map(),
    plans: new Map(),
    points: new Map(),
    backupJobs: new Map(),
    copyJobs: new Map(),
    restoreJobs: new Map(),
    tags: new Map(),
    settings: {
      ResourceTypeOptInPreference: { EBS: true, EFS: true, RDS: true },
      ResourceTypeManagementPreference: {},
    },
  };
  regions.set(name, made);
  return made;
}

/** Answered as the API answers: its name for the error. */
export class Refused extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export function found<Item>(items: ReadonlyMap<string, Item>, name: unknown): Item {
  const one = items.get(String(name));
  if (one !== undefined) return one;
  throw new Refused('ResourceNotFoundException', `${String(name)} does not exist`);
}

/** Ids of AWS Backup are UUIDs; these are, too. */
export function newId(state: State): string {
  return `00000000-0000-4000-8000-${String(++state.count).padStart(12, '0')}`;
}

/** A time, as REST-JSON says it; each one is later than the one before. */
export function now(state: State): number {
  return 1_790_000_000 + ++state.count;
}

/** Two at a time, so that pages are read. */
export function page(all: readonly Fields[], { NextToken }: Fields): { items: readonly Fields[]; next: Fields } {
  const from = Number(NextToken ?? 0);
  return { items: all.slice(from, from + 2), next: from + 2 < all.length ? { NextToken: String(from + 2) } : {} };
}
