import type { IAM } from '@aws-sdk/client-iam';
import type { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { RestoreMode } from '../contract.ts';

/** Where a resource goes. */
export interface Place {
  readonly client: IAM;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly mode: RestoreMode;
  readonly account: string;
  /** The name it has there, and its path: part of its ARN. */
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** `iam/role.Deploy`, as it was captured. */
  readonly resource: string;
  /** Entries that failed while others went on. */
  readonly failures: HoldfastError[];
}

/** What is known of a resource, by aspect. */
export type State = Readonly<Record<string, Json | undefined>>;

export interface Found {
  /** `AROA…`: given anew with each creation. */
  readonly id?: string | undefined;
  readonly state: State;
}

/** One side of a resource that is compared, written and read back by itself. */
export interface Aspect {
  readonly name: string;
  /** The entries it was captured as: a key of the root, or a whole collection. */
  readonly from: { readonly collection: string; readonly key?: string };
  readonly phase?: 'settle';
  /** What should be there: what was captured and, unless the mode is `exact`, what is there besides. */
  readonly goal: (wanted: Json | undefined, live: Json | undefined, mode: RestoreMode) => Json | undefined;
  /** Policies: what says the same is the same. */
  readonly comparable?: (value: Json) => Json;
  /** Makes it so; may be repeated. Absent: IAM has no call that changes it. */
  readonly write?: (place: Place, goal: Json | undefined, live: Json | undefined) => Promise<void>;
}

/** A kind of resource of IAM's, as it is restored. */
export interface RestoreKind {
  readonly rank: number;
  /** `role` of `arn:aws:iam::1:role/path/name`; absent for what has no name. */
  readonly arnKind?: string;
  readonly aspects: readonly Aspect[];
  /** What is there, or of it one aspect (and what comes with it); undefined: nothing of this name. */
  live(place: Place, aspect?: string): Promise<Found | undefined>;
  /** With everything that can be said now. Throws item.conflict where the name is taken. */
  create?(place: Place, wanted: State): Promise<void>;
}

export const valueGoal: Aspect['goal'] = (wanted, live, mode) => wanted ?? (mode === 'exact' ? undefined : live);

/** Lists of ARNs and names, whose order says nothing. */
export const setGoal: Aspect['goal'] = (wanted, live, mode) => {
  const kept = mode === 'exact' ? [] : strings(live);
  return [...new Set([...strings(wanted), ...kept])].sort();
};

export const recordGoal: Aspect['goal'] = (wanted, live, mode) => ({
  ...(mode === 'exact' ? {} : fields(live)),
  ...fields(wanted),
});

/** Tags that begin with `aws:` are Amazon's own, and stay as they are. */
export const tagGoal: Aspect['goal'] = (wanted, live, mode) => {
  const own = ([key]: readonly [string, unknown]): boolean => key.startsWith('aws:');
  const mine = Object.entries(fields(recordGoal(wanted, live, mode))).filter((tag) => !own(tag));
  return Object.fromEntries([...Object.entries(fields(live)).filter(own), ...mine]);
};

export function isSame({ comparable = (value) => value }: Aspect, a: Json | undefined, b: Json | undefined): boolean {
  const text = (value: Json | undefined): string => (value === undefined ? '' : canonicalJson(comparable(value)));
  return isEmpty(a) ? isEmpty(b) : !isEmpty(b) && text(a) === text(b);
}

export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

export function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

export function fields(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : {};
}

/** A field as text; '' where it is none. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
