import type { Selection } from '../estate/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';

/** What `SNAP[:PATH]` names. */
export interface Reference {
  readonly snap: string;
  /** '' for the whole snapshot. */
  readonly path: string;
}

// A time holds colons itself: `2026-11-20T02:00Z:s3-buckets/uploads`.
const time = /^(\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)(?::(.*))?$/s;

export function parseReference(text: string): Reference {
  const dated = time.exec(text);
  if (dated) return { snap: dated[1] ?? '', path: trimSlashes(dated[2] ?? '') };
  const colon = text.indexOf(':');
  if (colon < 0) return { snap: text, path: '' };
  const snap = text.slice(0, colon);
  if (snap === '')
    throw new HoldfastError('usage.invalid', `${text} names no snapshot: write SNAP:PATH, for example latest:iam`);
  return { snap, path: trimSlashes(text.slice(colon + 1)) };
}

/** A leading slash is a habit; a trailing one may be part of a directory's key. */
function trimSlashes(path: string): string {
  return path.replace(/^\/+/, '');
}

/** `--tag key=value`, repeated. */
export function parsePairs(
  option: string,
  values: readonly string[] = [],
): { readonly from: string; readonly to: string }[] {
  return values.map((value) => {
    const equals = value.indexOf('=');
    if (equals < 1) throw new HoldfastError('usage.invalid', `${option} ${value}: it must be of the form key=value`);
    return { from: value.slice(0, equals), to: value.slice(equals + 1) };
  });
}

export function parseTags(values: readonly string[] | undefined): Record<string, string> {
  return Object.fromEntries(parsePairs('--tag', values).map(({ from, to }) => [from, to]));
}

/** ISO time, or a date (midnight UTC), as ms since the epoch. */
export function parseTime(option: string, text: string): number {
  const withZone = /T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text) ? `${text}Z` : text;
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(withZone) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new HoldfastError(
      'usage.invalid',
      `${option} ${text}: it must be a time such as 2026-11-20 or 2026-11-20T02:00Z`,
    );
  }
  return ms;
}

export function selectionOf(selectors: readonly string[] | undefined, site: string | undefined): Selection {
  return { selectors: selectors ?? [], ...(site === undefined ? {} : { site }) };
}
