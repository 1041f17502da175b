import type { FoundEstate } from '../config/write.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';

export interface FindSettings {
  readonly estate: string;
  readonly repository: string;
  /** The first is the home region. */
  readonly regions: readonly string[];
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  readonly runtime: Runtime;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  readonly concurrency: number;
  readonly host: string;
}

/** Skeleton: filled in next. What the credentials at hand can see, of every registered type; for init. */
export async function findEstate(settings: FindSettings): Promise<FoundEstate> {
  await Promise.resolve();
  throw new HoldfastError('internal.bug', `not built yet: ${settings.estate}`);
}
