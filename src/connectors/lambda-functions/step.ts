import type { Json } from '../../kernel/json.ts';
import type { PlannedAction } from '../contract.ts';

/** A planned action before its place among the others is known. */
export interface Step {
  /** Unique within the resource: `update-code`, `put-alias/live`. */
  readonly id: string;
  readonly operation: string;
  readonly title: string;
  readonly effect: PlannedAction['effect'];
  /** The captured file it comes from, for restores of a part. */
  readonly file: string;
  readonly input?: Readonly<Record<string, Json>>;
  readonly bytes?: number;
  readonly phase?: NonNullable<PlannedAction['phase']>;
}
