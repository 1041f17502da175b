import type { CapturedEntry } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { RestoreMode } from '../contract.ts';
import type { KeyState } from './key-states.ts';
import type { ListedVersion } from './listing.ts';
import { etagIsMd5 } from './object-details.ts';
import { asText } from './json-record.ts';

/** What a restore does about one key. */
export type Decision =
  | { readonly action: 'none' }
  /** Writes these, one after the other: versions, delete markers, the current object. */
  | { readonly action: 'write'; readonly entries: readonly CapturedEntry[]; readonly effect: 'create' | 'revert' }
  /** Removes the delete markers above the captured version: it is itself again, with its version id. */
  | { readonly action: 'undelete'; readonly versionIds: readonly string[] }
  /** The listing cannot tell: the objects themselves must be compared. */
  | { readonly action: 'compare'; readonly entry: CapturedEntry; readonly live: ListedVersion }
  /** Comparing failed. */
  | { readonly action: 'unknown'; readonly error: HoldfastError }
  | { readonly action: 'delete' }
  /** Live, not in the snapshot, but older than it: it could not be read then, and is no extra object. */
  | { readonly action: 'leave' }
  /** Archived when it was captured, and never read: there is no content to write. */
  | { readonly action: 'no-content' };

export interface DecisionSettings {
  readonly mode: RestoreMode;
  /** The target keeps versions, so that a history can be written. */
  readonly versioned: boolean;
  /** Newest lastModified the capture saw; undefined where its listing was cut short. */
  readonly newest: string | undefined;
}

const none: Decision = { action: 'none' };

/** Pure: everything about one key that the listing and the snapshot tell. */
export function decide(state: KeyState, settings: DecisionSettings): Decision {
  const { live } = state;
  const wanted = settings.versioned ? sequence(state) : state.current ? [state.current] : [];
  const top = live.at(-1);
  const shown = top?.kind === 'object' ? top : undefined;
  if (shown && state.current && isUntouched(shown, state.current)) return none;
  if (wanted.length > live.length && live.every((version, i) => isSame(version, wanted[i]))) {
    return complete(state, wanted.slice(live.length), shown, settings);
  }
  if (!state.current) return extra(state, shown, settings);
  if (!hasContent(state.current)) return shown ? none : { action: 'no-content' };
  if (!shown) return restoreMissing(state.current, live);
  if (settings.mode === 'create-missing') return none;
  return compareShown(state.current, shown);
}

/** Where the live history is the beginning of the captured one, the rest is written: that also resumes an interrupted restore. */
function complete(
  state: KeyState,
  rest: readonly CapturedEntry[],
  shown: ListedVersion | undefined,
  settings: DecisionSettings,
): Decision {
  // The rest ends in a delete marker, and somebody sees the object now.
  if (!state.current && shown && settings.mode !== 'exact') return none;
  // Without its content, an older version would pass for the current object.
  if (state.current && !hasContent(state.current)) return shown ? none : { action: 'no-content' };
  return { action: 'write', entries: rest, effect: shown ? 'revert' : 'create' };
}

function extra(state: KeyState, shown: ListedVersion | undefined, settings: DecisionSettings): Decision {
  if (!shown || settings.mode !== 'exact') return none;
  if (state.older.length > 0) return { action: 'delete' };
  return settings.newest !== undefined && shown.lastModified > settings.newest
    ? { action: 'delete' }
    : { action: 'leave' };
}

function restoreMissing(entry: CapturedEntry, live: readonly ListedVersion[]): Decision {
  const below = live.findLastIndex((version) => version.kind === 'object');
  const markers = live.slice(below + 1);
  const version = live[below];
  const same = version && isUntouched(version, entry);
  const ids = markers.map((marker) => marker.versionId);
  if (same && ids.every((id) => id !== undefined)) return { action: 'undelete', versionIds: ids };
  return { action: 'write', entries: [entry], effect: 'create' };
}

function compareShown(entry: CapturedEntry, live: ListedVersion): Decision {
  if (live.size !== entry.attributes['size']) return { action: 'write', entries: [entry], effect: 'revert' };
  return { action: 'compare', entry, live };
}

/** The very write that was captured. One of the two listings may have been a plain one, without version ids. */
function isUntouched(live: ListedVersion, entry: CapturedEntry): boolean {
  const { etag, lastModified, versionId } = entry.attributes;
  if (live.etag !== etag || live.lastModified !== lastModified) return false;
  return live.versionId === undefined || versionId === undefined || live.versionId === versionId;
}

/** The history as far as it can be written: an archived version without content is passed over. */
function sequence(state: KeyState): readonly CapturedEntry[] {
  const all = state.current ? [...state.older, state.current] : state.older;
  return all.filter((entry) => isDeleteMarker(entry) || hasContent(entry) || entry === state.current);
}

/** As far as the listing tells: an ETag that is no MD5 differs after each write, and then the size must do. */
function isSame(live: ListedVersion, entry: CapturedEntry | undefined): boolean {
  if (entry === undefined) return false;
  if (live.kind === 'marker' || isDeleteMarker(entry)) return live.kind === 'marker' && isDeleteMarker(entry);
  const { etag, size } = entry.attributes;
  const reproducible = etagIsMd5(asText(etag), entry.details['encryption']) && !live.etag.includes('-');
  return live.size === size && (live.etag === etag || !reproducible);
}

export function isDeleteMarker(entry: CapturedEntry): boolean {
  return entry.attributes['deleteMarker'] === true;
}

/** False for what was archived and never read. */
export function hasContent(entry: CapturedEntry): boolean {
  return !isDeleteMarker(entry) && (entry.kind === 'blob' || entry.size > 0);
}
