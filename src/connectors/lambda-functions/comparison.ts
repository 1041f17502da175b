import { compactJson, type Json } from '../../kernel/json.ts';
import type { ActionOutcome, RestoreMode } from '../contract.ts';
import type { Document } from './documents.ts';
import type { FunctionState, FunctionVersions } from './state.ts';
import type { Target, WantedState } from './target.ts';

/** One difference beside code and configuration, and the operation that ends it. */
export interface Change {
  /**
   * Aliases come before what hangs on them; what names other resources is written once these are there; event sources
   * start last.
   */
  readonly stage: 'aliases' | 'settings' | 'settle' | 'last';
  readonly operation: string;
  /** Which one: an alias, a qualifier, a mapping; '' where there is only one. */
  readonly what: string;
  readonly title: string;
  readonly effect: 'create' | 'update' | 'delete';
  /** The captured file it comes from. */
  readonly file: string;
  readonly input: Readonly<Record<string, Json>>;
}

/** A captured function, rewritten for the target, beside what is at the target. */
export interface Comparison {
  readonly wanted: FunctionState;
  readonly live: FunctionState | undefined;
  /** At the target; they outlive their function, so they may be there without it. */
  readonly mappings: readonly Document[];
  /** Captured version → live version. */
  readonly matched: ReadonlyMap<string, string>;
  /** Captured versions that this plan publishes. */
  readonly publishing: readonly string[];
  readonly mode: RestoreMode;
}

/** What one operation works with: everything is read anew when an action is applied. */
export interface Work {
  readonly target: Target;
  readonly wanted: WantedState;
  /** Absent only while the function does not exist. What else is there, an operation reads itself. */
  readonly live: FunctionVersions | undefined;
  readonly matched: ReadonlyMap<string, string>;
  readonly input: Readonly<Record<string, Json>>;
}

export const done: ActionOutcome = { result: 'done', class: 'exact' };
export const unchanged: ActionOutcome = { result: 'unchanged', class: 'exact' };

export function isVersionNumber(qualifier: string): boolean {
  return /^\d+$/.test(qualifier);
}

/** The live number or name of a captured qualifier; undefined when it is not there (yet). */
export function liveQualifier(qualifier: string, matched: ReadonlyMap<string, string>): string | undefined {
  return isVersionNumber(qualifier) ? matched.get(qualifier) : qualifier;
}

export function equal(a: Document, b: Document): boolean {
  return compactJson(a) === compactJson(b);
}
