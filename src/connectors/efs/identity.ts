import type { Created } from '../documents/contract.ts';

/** `arn:…:file-system/fs-0123` → `fs-0123`: what calls want, what documents name, and what is generated. */
export function bareId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The bare id changes with the ARN; the DNS name begins with it. */
export function follows(from: string, to: string): NonNullable<Created['identities']> {
  return [{ from: bareId(from), to: bareId(to) }];
}
