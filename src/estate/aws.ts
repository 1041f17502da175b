import type { EstateConfig } from '../config/contract.ts';
import type { AwsCallRecord } from '../connectors/aws/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { Estate } from './contract.ts';

export interface EstateSettings {
  readonly config: EstateConfig;
  readonly runtime: Runtime;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  /** AWS calls in flight per account. */
  readonly concurrency: number;
  readonly host: string;
  /** Told of every finished AWS call attempt. */
  readonly onCall?: (record: AwsCallRecord) => void;
}

export interface OpenEstate extends Estate {
  /** Closes the connections to AWS. */
  close(): void;
}

/** Skeleton: filled in next. */
export function createEstate(settings: EstateSettings): OpenEstate {
  return {
    ...settings,
    aws: async (account) => {
      await Promise.resolve();
      throw new HoldfastError('internal.bug', `not built yet: ${account}`);
    },
    close: () => undefined,
  };
}
