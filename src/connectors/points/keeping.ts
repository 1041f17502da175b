import type { ResourceRef } from '../../kernel/entry.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { Span } from '../../kernel/span.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';

/**
 * Recovery points that the provider keeps. Required semantics:
 * - `start` creates points and nothing else, and `follow` at most the copy of one that is available. Both may be repeated after
 *   a death at any moment: what this run made is found by its name and not made twice.
 * - A name that somebody else took is item.conflict, never taken for one of ours.
 * - `remove` deletes only what carries our tags; anything else is item.conflict.
 * - State comes from the provider, asked anew: the answer to a creation is no proof that it is there.
 */
export interface PointKeeping<Options = unknown> {
  /** What the source asks for; undefined: no points, and none of the functions below is called. */
  settings(options: Options): PointSettings | undefined;
  /** Whether resources like this one have points. */
  covers(ref: ResourceRef): boolean;
  /** Begins the points of this run; those that are to be copied elsewhere come with their copies. Throws item errors. */
  start(context: PointContext<Options>, resource: DiscoveredResource): Promise<RecoveryPoint[]>;
  /** The point as it is now; a copy is begun once its original is available. Throws item errors; what is gone is a state. */
  follow(context: PointContext<Options>, ref: ResourceRef, point: RecoveryPoint): Promise<RecoveryPoint>;
  /** Every point of the resource in its region and those copied to: ours, the provider's, and others'. Throws item errors. */
  list(context: PointContext<Options>, resource: DiscoveredResource): Promise<RecoveryPoint[]>;
  /** Deletes one that a run of Holdfast made; success where it is gone already. Throws item errors. */
  remove(context: PointContext<Options>, point: RecoveryPoint): Promise<void>;
}

/** `points:` of a source. */
export interface PointSettings {
  /** Points of ours older than this, measured from the newest, are deleted; the newest available one never. Absent: none is. */
  readonly retain?: Span;
  /** Region in which a copy is kept. */
  readonly copyTo?: string;
  /** Key of the copies, in the region they are in; needed where the original is encrypted. */
  readonly kmsKey?: string;
}

export interface PointContext<Options = unknown> extends ConnectorContext<Options> {
  readonly settings: PointSettings;
  /** The snapshot at work, the same after `--resume`: lower case letters, digits and single hyphens, at most 32. */
  readonly run: string;
  readonly estate: string;
}
