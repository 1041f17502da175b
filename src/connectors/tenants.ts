import type { z } from 'zod';
import type { CapturedEntry, CapturedResource } from '../kernel/entry.ts';
import type { Json } from '../kernel/json.ts';

/** How the resources of a type are shared by tenants, as `tenants.sources` of holdfast.yaml says. */
export interface TenantSupport {
  /** What the configuration says about the tenants of one source of this type: strict, with a default for nothing said. */
  readonly mapping: z.ZodType;
  /** Tenants that a captured resource holds anything of, each once; nothing where the mapping does not name the resource. */
  tenants(captured: CapturedResource, share: TenantShare): AsyncIterable<string>;
  /** What a captured resource holds of one tenant: for counting, showing and export. */
  items(captured: CapturedResource, share: TenantShare, tenant: string): AsyncIterable<TenantItem>;
  /**
   * The tenant's part of a resource, where that is told by keys: it is restored like any part of a resource. Undefined where
   * the mapping does not name the resource. Absent: told by what rows hold; plan and apply are given `RestoreContext.tenant`.
   */
  part?(captured: CapturedResource, share: TenantShare, tenant: string): Promise<EntryRange | undefined>;
}

/** A source's `mapping` as its schema returned it, and the name of the column or attribute that says whose a row is. */
export interface TenantShare {
  readonly mapping: unknown;
  readonly key?: string;
}

/** Entries of one collection: one, or all whose keys begin so. */
export interface EntryRange {
  readonly collection: string;
  readonly key: Uint8Array;
  readonly exact: boolean;
}

/** One row, item or object of a tenant. */
export interface TenantItem {
  /** Table, collection. */
  readonly collection: string;
  /** For people: the row's primary key, the object's key. */
  readonly key: string;
  readonly bytes: number;
  /** Of rows. */
  readonly row?: Json;
  /** Of what has content: read it from the captured resource. */
  readonly entry?: CapturedEntry;
}
