import { HoldfastError } from '../../kernel/errors.ts';
import { emptyBytes } from '../../kernel/bytes.ts';
import type { Attributes, CapturedEntry, EntryKind } from '../../kernel/entry.ts';
import { decodeCbor, encodeCbor, type Cbor, type CborMap } from '../format/cbor.ts';
import { contentId, type ContentRef } from './content.ts';

/** Kinds as they are stored. Numbers are forever. */
const kindCodes: Readonly<Record<EntryKind, number>> = { document: 0, blob: 1, row: 2, directory: 3, symlink: 4, hardlink: 5, special: 6, marker: 7 };
const kindNames = Object.keys(kindCodes) as EntryKind[];

/** One entry as a tree's leaf holds it. */
export interface StoredEntry {
  readonly kind: EntryKind;
  readonly content: ContentRef;
  readonly attributes: Attributes;
  readonly details: Attributes;
  readonly secret: boolean;
  readonly fingerprint: string;
}

/** Encodes the value of a leaf item; keys are single letters, absent where empty (docs/format.md, "Entry"). */
export function encodeEntry(entry: StoredEntry): Uint8Array {
  const { content } = entry;
  const map: Record<string, Cbor> = { k: kindCodes[entry.kind] };
  if (content.size > 0) map['s'] = content.size;
  if (content.inline && content.inline.length > 0) map['i'] = content.inline;
  if (content.chunks.length > 0) map['c'] = content.chunks;
  if (content.depth > 0) map['n'] = content.depth;
  if (entry.fingerprint !== '') map['f'] = entry.fingerprint;
  if (Object.keys(entry.attributes).length > 0) map['a'] = entry.attributes as CborMap;
  if (Object.keys(entry.details).length > 0) map['d'] = entry.details as CborMap;
  if (entry.secret) map['x'] = true;
  return encodeCbor(map);
}

/** Throws repository.newer-format for a kind this version does not know. */
export function decodeEntry(value: Uint8Array): StoredEntry {
  const map = decodeCbor(value, 'a tree entry') as CborMap;
  const kind = kindNames[Number(map['k'])];
  if (kind === undefined) throw new HoldfastError('repository.newer-format', `a tree entry has the unknown kind ${String(map['k'])}`);
  const inline = map['i'] as Uint8Array | undefined;
  return {
    kind,
    content: {
      size: Number(map['s'] ?? 0),
      ...(inline ? { inline } : {}),
      chunks: (map['c'] as Uint8Array | undefined) ?? emptyBytes,
      depth: Number(map['n'] ?? 0),
    },
    attributes: (map['a'] as Attributes | undefined) ?? {},
    details: (map['d'] as Attributes | undefined) ?? {},
    secret: map['x'] === true,
    fingerprint: String(map['f'] ?? ''),
  };
}

/** A captured entry that remembers where its content is. Only entries of this repository's own readers carry it. */
export interface ReadableEntry extends CapturedEntry {
  readonly content: ContentRef;
}

export function capturedEntry(key: Uint8Array, stored: StoredEntry): ReadableEntry {
  const { kind, attributes, details, secret, fingerprint, content } = stored;
  return {
    key,
    kind,
    size: content.size,
    attributes,
    details,
    secret,
    fingerprint,
    content,
    // Computed when asked for: most entries are only passed by.
    get contentId() {
      return contentId(content);
    },
  };
}
