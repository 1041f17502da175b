import { resourceKey } from '../kernel/entry.ts';
import type { ResourceRecord, SnapshotReader, SourceRecord } from '../repository/contract.ts';
import { showPlace } from './paths.ts';
import type { EntryScope } from './restore-scope.ts';

/** What was asked for and is not in the snapshot, since it could not be captured. */
export interface Uncaptured {
  /** `type/name`; of a source that could not be listed its name. */
  readonly resource: string;
  readonly reason: string;
}

/** A resource that is asked for, or the part of it. */
interface Asked {
  readonly record: ResourceRecord;
  readonly only?: EntryScope | undefined;
}

/**
 * What of `asked`, and of the sources that `wanted` names, the snapshot does not hold because it could not be listed or read. Without
 * it a snapshot that was taken while a database was down would be restored without the database, and look whole.
 */
export function findUncaptured(
  { sources }: Pick<SnapshotReader, 'sources'>,
  asked: readonly Asked[],
  wanted: (source: SourceRecord) => boolean,
): Uncaptured[] {
  const keys = asked.map(({ record }) => resourceKey(record.ref));
  const unlisted = sources
    .filter((source) => source.expected === undefined && wanted(source))
    .map((source) => ({ resource: source.source, reason: `it could not be listed: ${listingFailure(source, keys)}` }));
  return [...unlisted, ...asked.flatMap(uncapturedItems)];
}

/** The sources that a path selects which names no single resource: '' all, `type` those of the type. */
export function sourcesOfPath(path: string, asked: readonly Asked[]): (source: SourceRecord) => boolean {
  if (path === '') return () => true;
  const [type] = path.split('/');
  const isOne = asked.some(({ record, only }) => only !== undefined || resourceKey(record.ref) === path);
  return (source) => !isOne && source.type === type;
}

/** The first failure that is of no resource which was found. */
function listingFailure({ failures }: SourceRecord, keys: readonly string[]): string {
  const ofResource = (name = ''): boolean => keys.some((key) => name === key || name.startsWith(`${key}/`));
  const failure = failures.find(({ resource }) => !ofResource(resource)) ?? failures[0];
  return failure?.message ?? 'the snapshot does not say why';
}

function uncapturedItems({ record, only }: Asked): Uncaptured[] {
  const listed = record.failures.filter(({ item }) => only === undefined || touches(only, item));
  // Of what is not listed nobody knows where it lay.
  const unlisted = record.failed - record.failures.length;
  const failed = listed.length + unlisted;
  if (failed === 0) return [];
  const why = listed[0]?.message ?? 'the manifest has the first of them';
  const reason =
    failed === 1 ? `a part could not be captured: ${why}` : `${failed} parts could not be captured: ${why}`;
  return [{ resource: resourceKey(record.ref), reason }];
}

function touches({ collection, key, exact }: EntryScope, item: string | undefined): boolean {
  if (item === undefined) return true;
  const place = showPlace({ collection, key });
  return exact ? item === place : item.startsWith(place) || place.startsWith(`${item}/`);
}
