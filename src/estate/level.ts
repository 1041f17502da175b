import { emptyBytes } from '../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../kernel/entry.ts';
import { slashByte, startsWith } from './paths.ts';

/** Entries read past before a seek: a small folder is cheaper to read through than to look up where it ends. */
const readThrough = 64;

/**
 * One level of a collection below a prefix that ends with a slash (or is empty): the entries directly there, and each folder
 * once, as its own entry where there is one. Streams, and seeks past what lies in the folders instead of reading it.
 */
export async function* levelOf(
  resource: CapturedResource,
  collection: string,
  prefix: Uint8Array,
): AsyncGenerator<CapturedEntry> {
  let from: Uint8Array | undefined;
  do {
    const range = from === undefined ? { prefix } : { prefix, from };
    from = yield* untilDeepFolder(resource, collection, prefix, range);
  } while (from !== undefined);
}

/** Yields until a folder turns out to be large; returns where it ends, or undefined at the end of the level. */
async function* untilDeepFolder(
  resource: CapturedResource,
  collection: string,
  prefix: Uint8Array,
  range: { readonly from?: Uint8Array; readonly prefix: Uint8Array },
): AsyncGenerator<CapturedEntry, Uint8Array | undefined> {
  let inside: { readonly key: Uint8Array; read: number } | undefined;
  for await (const entry of resource.entries(collection, range)) {
    if (inside && startsWith(entry.key, inside.key)) {
      if (++inside.read >= readThrough) return after(inside.key);
      continue;
    }
    inside = undefined;
    // The prefix itself: a folder of that name kept as an entry of its own (a directory, or an object `folder/`).
    if (entry.key.length === prefix.length) {
      if (entry.kind !== 'directory') yield entry;
      continue;
    }
    const slash = entry.key.indexOf(slashByte, prefix.length);
    if (slash === -1) yield entry;
    else {
      inside = { key: entry.key.subarray(0, slash + 1), read: 0 };
      yield slash === entry.key.length - 1 && entry.kind === 'directory' ? entry : folder(inside.key);
    }
  }
  return undefined;
}

/** The smallest key behind all that begin with `folder`, which ends with a slash. */
function after(folder: Uint8Array): Uint8Array {
  // A copy for sure: keys are Buffers over pages that others read too, and a Buffer's slice is none.
  const end = Uint8Array.from(folder);
  end[end.length - 1] = slashByte + 1;
  return end;
}

/** A folder that is only the beginning of keys. */
export function folder(key: Uint8Array): CapturedEntry {
  return {
    key: key.length === 0 ? emptyBytes : key,
    kind: 'directory',
    size: 0,
    attributes: {},
    details: {},
    secret: false,
    fingerprint: '',
    contentId: '',
  };
}
