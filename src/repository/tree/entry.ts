import { HoldfastError } from '../../kernel/errors.ts';
import { emptyBytes } from '../../kernel/bytes.ts';
import type { Attributes, CapturedEntry, EntryKind } from '../../kernel/entry.ts';
import { decodeCbor, encodeCbor, textIn, type CborMap } from '../format/cbor.ts';
import { contentId, type ContentRef } from './content.ts';

/** Kinds as they are stored. Numbers are forever. */
const kindCodes: Readonly<Record<EntryKind, number>> = {
  document: 0,
  blob: 1,
  row: 2,
  directory: 3,
  symlink: 4,
  hardlink: 5,
  special: 6,
  marker: 7,
};
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
  // In the order of their encoding, so that nothing needs sorting.
  return encodeCbor({
    a: isEmpty(entry.attributes) ? undefined : entry.attributes,
    c: content.chunks.length > 0 ? content.chunks : undefined,
    d: isEmpty(entry.details) ? undefined : entry.details,
    f: entry.fingerprint === '' ? undefined : entry.fingerprint,
    i: content.inline && content.inline.length > 0 ? content.inline : undefined,
    k: kindCodes[entry.kind],
    n: content.depth > 0 ? content.depth : undefined,
    s: content.size > 0 ? content.size : undefined,
    x: entry.secret ? true : undefined,
  });
}

function isEmpty(attributes: Attributes): boolean {
  for (const key in attributes) if (attributes[key] !== undefined) return false;
  return true;
}

/** Throws repository.newer-format for a kind this version does not know. */
export function decodeEntry(value: Uint8Array): StoredEntry {
  const map = decodeCbor(value, 'a tree entry') as CborMap;
  const kind = kindNames[Number(map['k'])];
  if (kind === undefined)
    throw new HoldfastError('repository.newer-format', `a tree entry has the unknown kind ${Number(map['k'])}`);
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
    fingerprint: map['f'] === undefined ? '' : textIn(map, 'f'),
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
