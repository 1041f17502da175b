import type { CaptureSink } from '../../kernel/capture.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { AwsAccess } from '../aws/contract.ts';

/** What capturing one resource needs. */
export interface Capture {
  readonly aws: AwsAccess;
  /** `iam/role.Deploy` */
  readonly resource: string;
  readonly sink: CaptureSink;
  /** Runs one part; what is refused costs that part alone, and leaves undefined. */
  readonly part: <T>(item: Item, task: () => Promise<T>) => Promise<T | undefined>;
}

export interface Item {
  readonly collection: string;
  readonly key: string;
}

export function captureInto(aws: AwsAccess, resource: string, sink: CaptureSink): Capture {
  return {
    aws,
    resource,
    sink,
    part: async (item, task) => {
      try {
        return await task();
      } catch (error) {
        if (!isItemError(error)) throw error;
        sink.fail(error, item);
        return undefined;
      }
    },
  };
}

/** Adds a document at the resource's root; undefined fields are left out. */
export async function addDocument({ sink }: Capture, key: string, document: Json): Promise<void> {
  await sink.root.add({ key, kind: 'document', document });
}
