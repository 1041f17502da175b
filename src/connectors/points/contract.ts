import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { DiscoveredResource } from '../contract.ts';
import type { AwsAccess } from '../aws/contract.ts';

/** A service that keeps recovery points under names of our choice: `keepPoints` does with these calls all that is the same everywhere. */
export interface PointService<Client> {
  readonly type: string;
  client(aws: AwsAccess): Promise<Client>;
  readonly kinds: readonly PointKind<Client>[];
}

/** One kind of point of a service: snapshots of its instances. */
export interface PointKind<Client> {
  /** As RecoveryPoint.kind. */
  readonly kind: string;
  /** What names of the resources begin with: `instances/`; '' where all of the service have such points. */
  readonly of: string;
  /** Whether it is this resource that has points, and not another one for it; absent: always. */
  applies?(resource: DiscoveredResource): boolean;
  /**
   * The one of this name, with its `run` from our tags; undefined where there is none. `known` is for services that can be
   * asked only by another word than the name. Throws item errors.
   */
  find(client: Client, name: string, region: string, known?: KnownPoint): Promise<RecoveryPoint | undefined>;
  /** Begins it. Throws item errors. */
  create(client: Client, source: PointSource, wanted: NewPoint): Promise<unknown>;
  /** Begins a copy in the region of `client`. Absent: the service has none. */
  copy?(client: Client, original: RecoveryPoint, wanted: NewPoint & { readonly kmsKey?: string }): Promise<unknown>;
  /** Puts our tags on a copy, where copying cannot. */
  tag?(client: Client, name: string, tags: PointTags): Promise<unknown>;
  /** Points of the resource in the region of `client`, whoever made them. Throws item errors. */
  list(client: Client, source: PointSource, region: string): AsyncIterable<RecoveryPoint>;
  /** Deletes it; one that is not there is success. Throws item errors. */
  remove(client: Client, name: string, known: KnownPoint): Promise<unknown>;
}

/** What is known of a point before it is asked for. */
export interface KnownPoint {
  /** As RecoveryPoint.id; absent: nobody has seen it yet. */
  readonly id?: string;
  /** What it is of; absent where only the point itself is at hand. */
  readonly source?: PointSource;
}

/** The resource a point is of. */
export interface PointSource {
  /** The provider's name of it, and its ARN. */
  readonly name: string;
  readonly id: string;
  /** `rds/instances/shop`, for messages. */
  readonly resource: string;
}

export interface NewPoint {
  readonly name: string;
  readonly tags: PointTags;
}

/** By tag key; see tags.ts. */
export type PointTags = Readonly<Record<string, string>>;
