import { HoldfastError } from '../../kernel/errors.ts';
import { emptyBytes } from '../../kernel/bytes.ts';
import type { Attributes, CapturedEntry, EntryKind } from '../../kernel/entry.ts';
import { decodeCbor, encodeCbor, type Cbor, type CborMap } from '../format/cbor.ts';
import { cborValueAt } from '../format/cbor-field.ts';
import { asMap, bytesIn, countIn, mapIn, textIn } from '../format/fields.ts';
import { chunkRefLength, contentId, type ContentRef } from './content.ts';

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

const what = 'a tree entry';
const mayBeAbsent = ['a', 'c', 'd', 'f', 'i', 'n', 's', 'x'] as const;

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

/** Throws repository.corrupt, and repository.newer-format for a kind this version does not know. */
export function decodeEntry(value: Uint8Array): StoredEntry {
  const map = asMap(decodeCbor(value, what), what);
  for (const key of mayBeAbsent) if (isNothing(map[key])) throw inAnotherForm(key);
  const code = countIn(map, 'k', what);
  const kind = kindNames[code];
  if (kind === undefined) throw new HoldfastError('repository.newer-format', `${what} has the unknown kind ${code}`);
  return {
    kind,
    content: contentIn(map),
    attributes: map['a'] === undefined ? {} : (mapIn(map, 'a', what) as Attributes),
    details: map['d'] === undefined ? {} : (mapIn(map, 'd', what) as Attributes),
    secret: map['x'] === true,
    fingerprint: map['f'] === undefined ? '' : textIn(map, 'f', what),
  };
}

/** The kind of an encoded entry, without decoding the rest of it; undefined where only decoding tells. */
export function kindOfEntry(value: Uint8Array): EntryKind | undefined {
  const at = cborValueAt(value, 'k');
  // Codes are below 24: the byte is the number.
  return at === undefined ? undefined : kindNames[value[at] as number];
}

/** What is empty is absent: of one entry there is one form. */
function isNothing(value: Cbor | undefined): boolean {
  if (value === undefined) return false;
  if (value instanceof Uint8Array) return value.length === 0;
  return value === 0 || value === '' || value === false || (typeof value === 'object' && isEmpty(value as Attributes));
}

function inAnotherForm(key: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${what} has nothing under ${key}, which then is absent`);
}

function contentIn(map: CborMap): ContentRef {
  const inline = map['i'] === undefined ? undefined : bytesIn(map, 'i', what);
  const chunks = map['c'] === undefined ? emptyBytes : bytesIn(map, 'c', what, chunkRefLength);
  if (inline && chunks.length > 0)
    throw new HoldfastError('repository.corrupt', `${what} says twice where its content is`);
  const size = map['s'] === undefined ? 0 : countIn(map, 's', what);
  const depth = map['n'] === undefined ? 0 : countIn(map, 'n', what);
  return inline ? { size, inline, chunks, depth } : { size, chunks, depth };
}

/** A captured entry that remembers where its content is. Only entries of this repository's own readers carry it. */
export interface ReadableEntry extends CapturedEntry {
  readonly content: ContentRef;
}

export function capturedEntry(key: Uint8Array, stored: StoredEntry): ReadableEntry {
  return new TreeEntry(key, stored);
}

/** A class for its getter: one in each literal took ten times as long as all the rest of an entry, of which there are millions. */
class TreeEntry implements ReadableEntry {
  readonly key: Uint8Array;
  readonly kind: EntryKind;
  readonly size: number;
  readonly attributes: Attributes;
  readonly details: Attributes;
  readonly secret: boolean;
  readonly fingerprint: string;
  readonly content: ContentRef;

  constructor(key: Uint8Array, stored: StoredEntry) {
    this.key = key;
    this.kind = stored.kind;
    this.size = stored.content.size;
    this.attributes = stored.attributes;
    this.details = stored.details;
    this.secret = stored.secret;
    this.fingerprint = stored.fingerprint;
    this.content = stored.content;
  }

  /** Computed when asked for: most entries are only passed by. */
  get contentId(): string {
    return contentId(this.content);
  }
}
