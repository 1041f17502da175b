import type { CaptureSink } from '../../kernel/capture.ts';
import type { Json } from '../../kernel/json.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { partsOf, type Part } from '../part.ts';

/** What capturing one resource needs. */
export interface Capture {
  readonly aws: AwsAccess;
  /** `iam/role.Deploy` */
  readonly resource: string;
  readonly sink: CaptureSink;
  readonly part: Part;
}

export function captureInto(aws: AwsAccess, resource: string, sink: CaptureSink): Capture {
  return {
    aws,
    resource,
    sink,
    part: partsOf(sink),
  };
}

/** Adds a document at the resource's root; undefined fields are left out. */
export async function addDocument({ sink }: Capture, key: string, document: Json): Promise<void> {
  await sink.root.add({ key, kind: 'document', document });
}
