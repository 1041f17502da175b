import type { ScryptCost } from './kinds/passphrase.ts';
import type { SlotRole } from './slots.ts';

/** A key slot as `holdfast key list` shows it. */
export interface KeyInfo {
  /** 32 hex digits, sortable by time. */
  readonly id: string;
  /**
   * `usable`; `unknown`: of a kind of a newer version; `damaged` or `missing`; `unlisted`: not named by the configuration,
   * so that nothing opens with it (a change that did not finish, or a copy that somebody put back).
   */
  readonly state: 'usable' | 'unknown' | 'damaged' | 'missing' | 'unlisted';
  readonly kind?: string;
  readonly role?: SlotRole;
  readonly label?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** Text of the public key, for slots of key files. */
  readonly publicKey?: string;
  /** ARNs, for slots of AWS KMS. */
  readonly kmsKeys?: readonly string[];
  /** It opened this repository now. */
  readonly inUse: boolean;
}

/** A new way to open the repository. */
export interface NewKey {
  readonly role: SlotRole;
  /** For people; at most 100 characters. */
  readonly label: string;
  readonly by:
    | { readonly kind: 'passphrase'; readonly passphrase: string; readonly cost?: ScryptCost }
    /** ARNs; any one of them opens it. */
    | { readonly kind: 'kms'; readonly keys: readonly string[] }
    /** X25519 public key of a key file, 32 bytes. */
    | { readonly kind: 'recipient'; readonly publicKey: Uint8Array };
}

export interface RekeyReport {
  /** The epoch under which new objects are sealed from now on. */
  readonly epoch: number;
  /** Old id → new id of each slot that was kept. */
  readonly renewed: Readonly<Record<string, string>>;
  readonly dropped: readonly string[];
  /** Slots whose old object could not be deleted: a copy of the old keys stays in the store. */
  readonly left: readonly string[];
}

/**
 * Who can open the repository. Each change is one put of a configuration that names the slots which hold: whenever a
 * process dies, everything that opened the repository before the put does so until it, and what the change says after it.
 * All but `list` and `find` throw repository.write-only for a writer, and repository.keys-changed where somebody else's change makes
 * this one impossible. An opened repository goes on under the epoch with which it was opened.
 */
export interface RepositoryKeys {
  /** Oldest first. */
  list(): Promise<readonly KeyInfo[]>;
  /** Hex of the public key by which this repository is known for itself, whoever controls the store. */
  readonly authority: string;
  /** The slot whose id this is, or begins with this. Throws key.not-found and key.ambiguous. */
  find(reference: string): Promise<KeyInfo>;
  /** Stores a slot, reads it back and opens it, and only then names it. */
  add(key: NewKey): Promise<KeyInfo>;
  /** Puts a new key in the place of the slot `id` (or the beginning of one). The role stays. */
  rotate(id: string, key: Omit<NewKey, 'role'>): Promise<{ readonly key: KeyInfo; readonly left: readonly string[] }>;
  /**
   * Takes a slot away. Throws repository.last-key where no owner's slot would remain. A copy of it opens what was written
   * until the next `rekey`.
   */
  revoke(id: string): Promise<{ readonly key: KeyInfo; readonly left: readonly string[] }>;
  /**
   * Begins a new key epoch for all slots but the dropped ones; their secrets are not needed. Throws key.not-rewrapped, with
   * the list, where there are slots that this version cannot seal anew.
   */
  rekey(settings?: { readonly drop?: readonly string[] }): Promise<RekeyReport>;
}
