import type { ErrorRecord } from './errors.ts';
import type { PointState } from './recovery-point.ts';

/**
 * The one event stream: it feeds the terminal's progress view, --json-lines, server-sent events and logs.
 * `source` is a source's name (`s3-buckets`, `tools`); counts are cumulative within the run.
 */
export type HoldfastEvent =
  | { readonly type: 'run.started'; readonly verb: string; readonly at: number }
  | {
      readonly type: 'run.finished';
      readonly verb: string;
      readonly at: number;
      readonly outcome: 'ok' | 'partial' | 'failed' | 'interrupted';
    }
  | { readonly type: 'source.started'; readonly source: string }
  | { readonly type: 'source.found'; readonly source: string; readonly resources: number }
  | { readonly type: 'source.finished'; readonly source: string; readonly outcome: 'ok' | 'partial' | 'failed' }
  | { readonly type: 'resource.started'; readonly source: string; readonly resource: string }
  | {
      readonly type: 'resource.progress';
      readonly source: string;
      readonly resource: string;
      readonly entries: number;
      readonly reused: number;
      readonly bytes: number;
    }
  | {
      readonly type: 'resource.finished';
      readonly source: string;
      readonly resource: string;
      readonly outcome: 'ok' | 'partial' | 'failed';
    }
  | {
      readonly type: 'point.progress';
      readonly source: string;
      readonly resource: string;
      readonly point: string;
      readonly state: PointState;
      /** 0 to 100, where the provider says it. */
      readonly percent?: number;
    }
  | { readonly type: 'item.failed'; readonly source: string; readonly resource: string; readonly error: ErrorRecord }
  | { readonly type: 'action.started'; readonly action: string; readonly title: string }
  | {
      readonly type: 'action.finished';
      readonly action: string;
      readonly title: string;
      readonly outcome: 'done' | 'unchanged' | 'failed';
    }
  | {
      readonly type: 'snapshot.alarm';
      readonly kind: string;
      readonly source: string;
      readonly resource?: string;
      readonly message: string;
    }
  | { readonly type: 'barrier.held'; readonly barrier: string; readonly at: number }
  | {
      readonly type: 'barrier.released';
      readonly barrier: string;
      readonly at: number;
      /** ms */
      readonly heldFor: number;
      /** `type/name` of the resources that had not begun. */
      readonly missed: readonly string[];
    }
  | { readonly type: 'repository.progress'; readonly what: string; readonly done: number; readonly total: number }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly message: string };

/** Where events go. Must not throw and must return at once. */
export type EventSink = (event: HoldfastEvent) => void;

export function noEvents(): void {
  /* for callers that do not listen */
}
