import type { Json } from '../../kernel/json.ts';

/** Who did something, as far as their machine says. */
export interface Actor {
  readonly host: string;
  readonly user: string;
}

/** What is worth a record: whatever takes data out of a repository, deletes from it, or changes who can open it. */
export type AuditedAction =
  | 'restore'
  | 'forget'
  | 'prune'
  | 'repair'
  | 'copy'
  | 'lock.extend'
  | 'key.add'
  | 'key.rotate'
  | 'key.revoke'
  | 'key.rekey';

/** One record of `audit/`, chained to the one before it by its digest. */
export interface AuditRecord {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: Actor;
  readonly action: AuditedAction;
  /** What it was done to: snapshot ids, counts, key slot labels. Never a secret. */
  readonly details: Readonly<Record<string, Json>>;
  /** Hex SHA-256 of the stored object before it; empty for the first. */
  readonly previous: string;
}

export interface Audit {
  /** Stores a record, durably, before it resolves. Throws what the store throws. */
  record(action: AuditedAction, details: Readonly<Record<string, Json>>): Promise<void>;
}
