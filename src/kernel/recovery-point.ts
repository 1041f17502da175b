/**
 * What a recovery point is doing. `pending`: the provider is making it. `available`: one can restore from it. `failed`: the
 * provider gave it up. `gone`: it was there, or ought to be, and is not.
 */
export type PointState = 'pending' | 'available' | 'failed' | 'gone';

/**
 * A recovery point that the provider keeps: a snapshot or backup of one resource, outside the repository. JSON; times are in
 * ms since the epoch, by the provider's clock. Holds no secret.
 */
export interface RecoveryPoint {
  /** The connector's word: `rds-snapshot`, `lightsail-disk-snapshot`. */
  readonly kind: string;
  /** ARN, or what tells it apart in its region. */
  readonly id: string;
  /** The provider's name of it: with kind and region it says which one is meant. */
  readonly name: string;
  readonly region: string;
  readonly state: PointState;
  /** The run that asked for it (contract.ts of connectors). Absent: the provider or others took it, and Holdfast never deletes it. */
  readonly run?: string;
  /** Name of the point in the resource's own region that this one is a copy of. */
  readonly copyOf?: string;
  readonly startedAt?: number;
  readonly completedAt?: number;
  /** The moment whose state it holds. */
  readonly at?: number;
  /** When it may be deleted. */
  readonly expiresAt?: number;
  /** The key it is encrypted under. */
  readonly kmsKey?: string;
  readonly bytes?: number;
  /** How much of it is there, 0 to 100, while it is pending. */
  readonly percent?: number;
  /** Why it failed, is gone, or could not be asked for its state. */
  readonly reason?: string;
}

/** `rds-snapshot us-west-2/holdfast-…`: which one is meant, for messages and to find one again. */
export function pointKey({ kind, region, name }: Pick<RecoveryPoint, 'kind' | 'region' | 'name'>): string {
  return `${kind} ${region}/${name}`;
}

export function isPending({ state }: RecoveryPoint): boolean {
  return state === 'pending';
}
