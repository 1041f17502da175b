import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../contract.ts';

/** What a probe works with. */
export interface ProbeTools {
  readonly store: ObjectStore;
  /** Another handle on the same store, as another process would open it. The caller closes it. */
  readonly second: () => Promise<ObjectStore>;
  readonly runtime: Runtime;
  /** Ends with `/`; the probe writes below it only. */
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/** One promise of a store, tried. */
export interface Finding {
  readonly name: string;
  /** `fail`: Holdfast is not safe on this store. `warn`: it is, with a limit. */
  readonly outcome: 'ok' | 'warn' | 'fail';
  /** What was seen: how often it was tried, and an example of what went wrong. */
  readonly said: string;
  /** What that means for backups; where the outcome is not ok. */
  readonly consequence?: string;
}
