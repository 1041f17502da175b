import { asBuffer } from '../kernel/bytes.ts';
import type { CapturedResource } from '../kernel/entry.ts';
import { besideFile, characterCount, escapeSegment, segmentsOf } from './escape.ts';

/**
 * The layout of a restored directory: `<type>/<name>/` holds the documents of the resource's root, each collection is a
 * folder there (`objects/…`), rows are lines of `<collection>.jsonl`. What has no bytes (delete markers, archived objects)
 * is a line of `<collection>.markers.jsonl`, and what is known of the others a line of `<collection>.metadata.jsonl`.
 */
export interface CollectionFiles {
  /** Folder of the entries, relative to the resource's; '' for the root. */
  readonly folder: string;
  readonly rows: string;
  readonly markers: string;
  readonly metadata: string;
}

export function filesOf(collection: string): CollectionFiles {
  const folder = collection === '' ? '' : escapeSegment(Buffer.from(collection));
  const base = collection === '' ? 'root' : folder;
  return {
    folder,
    rows: `${base}.jsonl`,
    markers: `${base}.markers.jsonl`,
    metadata: `${base}.metadata.jsonl`,
  };
}

/** Names that mean the same to this file system are one name: it may ignore case, and how accents are written. */
export type Fold = (name: string) => string;

export const foldNothing: Fold = (name) => name;

export const foldCase: Fold = (name) => name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');

/** Names already given away in a folder; paths are folded. */
export interface TakenNames {
  /** The segment's name in `folder` (`` or with a final slash), escaped further until nothing else has it. */
  claim(folder: string, segment: Uint8Array, mark?: (name: string) => string): string;
}

/** Without folding, different segments have different names: only `reserved` ones must be kept away from. */
export function createTakenNames(fold: Fold, reserved: Iterable<string> = []): TakenNames {
  const kept = new Set([...reserved].map(fold));
  const folds = fold !== foldNothing;
  return {
    claim(folder, segment, mark = (name) => name) {
      for (let forced = 0; ; forced++) {
        const path = folder + mark(escapeSegment(segment, forced));
        const folded = fold(path);
        if (kept.has(folded) && forced < characterCount(segment)) continue;
        if (folds) kept.add(folded);
        return path;
      }
    },
  };
}

/** Gives each entry of one collection its path. Keys must come in ascending order. */
export interface CollectionLayout {
  /** Relative to the resource's folder. */
  pathOf(key: Uint8Array): Promise<string>;
}

/**
 * `reserved`: names at the resource's root that belong to something else (used for the root only).
 * A folder that is also a key of the collection (`a` and `a/b`) gets a name of its own; that takes one look-up per folder.
 */
export function createCollectionLayout(
  resource: CapturedResource,
  collection: string,
  fold: Fold,
  reserved: Iterable<string> = [],
): CollectionLayout {
  const { folder: base } = filesOf(collection);
  const root = base === '' ? '' : `${base}/`;
  const taken = createTakenNames(fold, reserved);
  // Sorted keys leave a folder for good: the ones that lead to the last key are all that must be remembered.
  let open: { readonly segment: Uint8Array; readonly path: string }[] = [];

  async function folderPath(key: Uint8Array, depth: number, end: number): Promise<string> {
    const segment = segmentsOf(key)[depth] as Uint8Array;
    const known = open[depth];
    if (known && asBuffer(known.segment).equals(segment)) return known.path;
    open = open.slice(0, depth);
    const above = open.at(-1)?.path ?? root;
    const twin = await resource.entry(collection, key.subarray(0, end));
    const isFile = twin !== undefined && twin.kind !== 'row' && twin.kind !== 'marker' && twin.kind !== 'directory';
    const path = `${taken.claim(above, segment, isFile ? besideFile : undefined)}/`;
    open.push({ segment, path });
    return path;
  }
  return {
    async pathOf(key) {
      const segments = segmentsOf(key);
      let above = root;
      let end = 0;
      for (const [depth, segment] of segments.slice(0, -1).entries()) {
        end += segment.length + (depth === 0 ? 0 : 1);
        above = await folderPath(key, depth, end);
      }
      return taken.claim(above, segments.at(-1) as Uint8Array);
    },
  };
}

/** Names at a resource's root that its collections need. */
export function reservedNames(resource: CapturedResource): string[] {
  return resource.collections.flatMap((collection) => {
    const { folder, rows, markers, metadata } = filesOf(collection);
    return [...(folder === '' ? [] : [folder]), rows, markers, metadata];
  });
}
