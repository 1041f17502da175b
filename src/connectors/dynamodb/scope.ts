import { asBuffer } from '../../kernel/bytes.ts';
import type { RestoreContext } from '../contract.ts';
import { itemsCollection } from './ledger.ts';
import type { DynamoOptions } from './options.ts';

/** Which part of the resource is restored. */
export interface Scope {
  readonly hasItems: boolean;
  /** Of the items' entry keys. */
  readonly prefix: Uint8Array | undefined;
  readonly hasFile: (file: string) => boolean;
}

export function scopeOf(context: RestoreContext<DynamoOptions>): Scope {
  const { only } = context;
  if (only === undefined) return { hasItems: true, prefix: undefined, hasFile: () => true };
  const prefix = asBuffer(only.prefix).toString('utf8');
  return {
    hasItems: only.collection === itemsCollection,
    prefix: only.prefix.length === 0 ? undefined : only.prefix,
    hasFile: (file) => only.collection === '' && file.startsWith(prefix),
  };
}
