import type { ErrorCode } from '../../kernel/codes.ts';
import type { FileOwner } from '../read/contract.ts';
import type { SealedGroup } from '../chunks/grouper.ts';
import type { GroupRecord, PackOrigin } from '../format/pack-directory.ts';
import type { ChunkSizes } from '../chunks/gear.ts';
import type { PackedParts } from './packed-parts.ts';
import type { PackVerdict } from '../check/pack-check.ts';
import type { PackKind } from '../format/header.ts';
import type { Novelty } from '../tree/content.ts';

/** What a worker is started with. Keys travel as bytes: KeyObjects cannot be shared before Node 22. */
export interface WorkerSetup {
  readonly writer: number;
  readonly repository: Uint8Array;
  readonly idSecret: Uint8Array;
  readonly idSalt: Uint8Array;
  readonly chunkerSecret: Uint8Array;
  readonly sizes: ChunkSizes;
  readonly level: number;
  readonly segments: readonly SharedArrayBuffer[];
  /** One Int32: bytes of groups sent and not yet taken into a pack. Workers wait while it is above `inFlightLimit`. */
  readonly inFlight: SharedArrayBuffer;
  readonly inFlightLimit: number;
}

export interface FileItem {
  readonly path: Uint8Array;
  /** Of the listing: another inode under this name is another file. */
  readonly ino?: bigint | undefined;
}

export interface StoreItem {
  readonly file?: FileItem;
  readonly bytes?: Uint8Array;
  /** The bytes are one metadata chunk, uncut. */
  readonly metadata?: true;
}

/** One part of a file to write: groups to read, and which of their chunks go where. */
export interface ExtractPart {
  readonly path: Uint8Array;
  /** The file is made by its only or first part; a whole file is finished (mode, time) in one go. */
  readonly whole: boolean;
  readonly mode: number;
  readonly mtimeNs?: bigint | undefined;
  readonly owner?: FileOwner | undefined;
  readonly sparse: boolean;
  readonly size: number;
  readonly inline?: Uint8Array | undefined;
  readonly chunks: readonly ExtractChunk[];
}

export interface ExtractChunk {
  readonly id: Uint8Array;
  /** Index into the job's groups. */
  readonly group: number;
  readonly place: number;
  readonly offset: number;
}

/** A sealed group to open: in a file the worker reads itself, or in bytes that came along. */
export interface ExtractGroup {
  readonly pack: string;
  readonly kind: PackKind;
  readonly packPath?: string;
  readonly bytes?: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly epoch: number;
  readonly salt: Uint8Array;
}

/** A pack to read whole and check: in a file the worker reads itself, or in bytes that came along. */
export interface PackToCheck {
  readonly pack: string;
  readonly kind: PackKind;
  readonly key: Uint8Array;
  readonly packPath?: string;
  readonly bytes?: Uint8Array;
}

/** How a worker writes data packs to files by itself (staged-packs.ts). */
export interface StagedPacksSetup {
  /** Its files are named by this, its number and a counter. */
  readonly prefix: string;
  /** The 64 bytes every pack begins with, and what the index repeats of them. */
  readonly header: Uint8Array;
  readonly origin: PackOrigin;
  /** A pack is closed at this many bytes. */
  readonly target: number;
}

/** A data pack in a file, whole but not yet durable. */
export interface StagedPack {
  readonly path: string;
  /** SHA-256 of its bytes. */
  readonly id: Uint8Array;
  readonly size: number;
  readonly groups: readonly GroupRecord[];
}

export type ToWorker =
  | { readonly type: 'session'; readonly packKey: Uint8Array; readonly staged: StagedPacksSetup | undefined }
  | { readonly type: 'store'; readonly job: number; readonly dry: boolean; readonly items: readonly StoreItem[] }
  | {
      readonly type: 'piece';
      readonly job: number;
      readonly stream: number;
      readonly dry: boolean;
      readonly bytes: Uint8Array;
      readonly last: boolean;
    }
  | { readonly type: 'drop-stream'; readonly stream: number }
  | { readonly type: 'flush'; readonly job: number }
  | { readonly type: 'segment'; readonly segment: SharedArrayBuffer }
  | {
      readonly type: 'extract';
      readonly job: number;
      readonly groups: readonly ExtractGroup[];
      readonly keys: readonly Uint8Array[];
      readonly parts: PackedParts;
    }
  | { readonly type: 'check'; readonly job: number; readonly pack: PackToCheck }
  | { readonly type: 'open'; readonly job: number; readonly group: ExtractGroup; readonly key: Uint8Array };

/** A group that was opened for another thread: its plaintext, in memory of its own, and the ids of its chunks. */
export interface OpenedBytes {
  readonly plain: Uint8Array;
  readonly ids: Uint8Array;
}

/** Result of one item: its content, or why not. */
export interface StoredItem {
  readonly size: number;
  readonly inline?: Uint8Array;
  readonly chunks?: Uint8Array;
  /** Absent where nothing was new to the repository. */
  readonly novelty?: Novelty;
  readonly opened?: OpenedBytes;
  /** Of a pack that was checked. */
  readonly verdict?: PackVerdict;
  readonly error?: WorkerError;
}

export interface WorkerError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export type FromWorker =
  | { readonly type: 'done'; readonly job: number; readonly items: readonly StoredItem[] }
  | { readonly type: 'failed'; readonly job: number; readonly error: WorkerError }
  | { readonly type: 'group'; readonly group: SealedGroup }
  /** Chunks that went into a staged pack: the shared table must keep room for more. */
  | { readonly type: 'claimed'; readonly chunks: number }
  | { readonly type: 'pack'; readonly pack: StagedPack };
