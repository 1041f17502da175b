import type { Json } from './json.ts';
import type { RecoveryPoint } from './recovery-point.ts';

/**
 * What an entry of a resource is.
 * `document`: canonical JSON. `blob`: bytes. `row`: one JSON row of a table (compact JSON, kept inside the tree).
 * `directory`, `symlink`, `hardlink`, `special`: file-system nodes. `marker`: a fact without bytes (a delete marker).
 */
export type EntryKind = 'document' | 'blob' | 'row' | 'directory' | 'symlink' | 'hardlink' | 'special' | 'marker';

/** JSON facts about an entry. Byte strings that are not UTF-8 go in as `displayBytes` text or base64. */
export type Attributes = Readonly<Record<string, Json>>;

/** The identity of one captured resource. */
export interface ResourceRef {
  /** Connector type: `s3-buckets`. */
  readonly type: string;
  /** Folder name in the layout, unique within the type: `acme-uploads`, or `worker@eu-west-1` outside the home region. */
  readonly name: string;
  /** The provider's identity: ARN, id, absolute path. */
  readonly id: string;
  /** `global` where the service has no regions; `local` for what is on this machine. */
  readonly region: string;
  readonly account: string;
}

/** `type/name`: the resource's key in snapshots, plans, events and messages. */
export function resourceKey(ref: { readonly type: string; readonly name: string }): string {
  return `${ref.type}/${ref.name}`;
}

/** What will not come back as it was. Ordered from best to worst. */
export type LedgerClass = 'exact' | 'new-identity' | 'needs-human' | 'lost';

/** One line of the loss ledger, known when the resource is captured. */
export interface LedgerNote {
  readonly class: Exclude<LedgerClass, 'exact'>;
  /** What it is about, within the resource: `function URL`, `version ids of 312 objects`. */
  readonly what: string;
  readonly why: string;
  /** What to do about it now, before the disaster; or after, for needs-human. */
  readonly action: string;
  /** How many items the line stands for. */
  readonly count?: number;
}

/** One entry as a snapshot holds it. */
export interface CapturedEntry {
  readonly key: Uint8Array;
  readonly kind: EntryKind;
  /** Bytes of content; 0 where there is none. */
  readonly size: number;
  /** Facts from the listing, renewed with each snapshot. */
  readonly attributes: Attributes;
  /** Facts that came with the content and are reused with it. */
  readonly details: Attributes;
  /** Never shown unless asked for by name; written with mode 0600. */
  readonly secret: boolean;
  readonly fingerprint: string;
  /** Equal contents of one repository have equal content ids. */
  readonly contentId: string;
}

/** Tells whether bytes are a captured content, by its ids: nothing of it is read from the repository. */
export interface ContentMatcher {
  /** The next bytes, in order; false as soon as they cannot be the content. */
  push(bytes: Uint8Array): boolean;
  /** After the last bytes: whether they were the whole content. */
  end(): boolean;
}

/** Which entries of a collection are wanted. */
export interface EntryRange {
  /** The first key. */
  readonly from?: Uint8Array;
  /** Only keys that begin so. */
  readonly prefix?: Uint8Array;
  /** Asked for each entry's kind. Those for which it is false may be passed over undecoded, and may come all the same. */
  readonly wanted?: (kind: EntryKind) => boolean;
}

/** A captured resource, read back from a snapshot. Entries stream; none of it is held whole. */
export interface CapturedResource {
  readonly ref: ResourceRef;
  /** Names of the collections that hold entries; '' is the root. */
  readonly collections: readonly string[];
  readonly ledger: readonly LedgerNote[];
  /** Recovery points that the provider keeps of it, as the snapshot knew them. Absent: it knew of none. */
  readonly points?: readonly RecoveryPoint[];
  /** Entries in ascending byte order of their keys. */
  entries(collection: string, range?: EntryRange): AsyncIterable<CapturedEntry>;
  entry(collection: string, key: string | Uint8Array): Promise<CapturedEntry | undefined>;
  read(entry: CapturedEntry): AsyncIterable<Uint8Array>;
  /** Whole content; for documents and what is known to be small. */
  bytes(entry: CapturedEntry): Promise<Uint8Array>;
  /** For comparing with what is live: half of what reading the content costs, and nothing has to be thawed. */
  matcher(entry: CapturedEntry): Promise<ContentMatcher>;
  /** A document or row parsed; undefined when there is no such entry. */
  json(collection: string, key: string): Promise<Json | undefined>;
}
