import type { CapturedEntry } from '../../kernel/entry.ts';
import type { ThawState, ThawTier } from '../../storage/contract.ts';

/** A data pack that a read needs. */
export interface NeededPack {
  readonly key: string;
  /** Bytes of the whole pack: packs thaw whole. */
  readonly size: number;
}

/** A pack that lies in a class whose objects may have to be thawed, and how it stands with it now. */
export interface ArchivedPack extends NeededPack, ThawState {
  readonly storageClass: string;
}

/** What lies in archive classes of the store. Only data packs do: all else is always at hand. */
export interface PackArchive {
  /** The data packs with the contents of these entries. Reads metadata only. */
  needed(entries: AsyncIterable<CapturedEntry>): Promise<readonly NeededPack[]>;
  /** Those of the packs that lie in an archive class, in the order of their keys. Packs that are missing are left out. */
  archived(packs: readonly NeededPack[]): Promise<readonly ArchivedPack[]>;
  /** Throws storage.not-found. */
  state(key: string): Promise<ThawState>;
  /** Asks for a readable copy for some days; what is thawing or thawed is left alone. Throws storage.unsupported. */
  thaw(key: string, request: { readonly days: number; readonly tier: ThawTier }): Promise<void>;
}
