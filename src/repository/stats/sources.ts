import { isCode } from '../../kernel/errors.ts';
import type { StoredSnapshot } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { decodeResource } from '../session/record.ts';
import { walkTree } from '../tree/walk.ts';

/** What a snapshot holds of a source, by its records of resources. */
export interface SourceSize {
  readonly type: string;
  readonly resources: number;
  readonly entries: number;
  readonly bytes: number;
}

/** By name. Nothing where the list of resources cannot be read: the walk over the snapshot tells of that. */
export async function sizesOf(
  state: RepositoryState,
  { document }: StoredSnapshot,
): Promise<ReadonlyMap<string, SourceSize>> {
  const sizes = new Map<string, SourceSize>();
  try {
    for await (const page of walkTree((id) => state.chunks.chunk('metadata', id), document.root))
      for (const { value } of page) count(sizes, value);
  } catch (error) {
    const codes = ['repository.corrupt', 'repository.newer-format', 'storage.not-found', 'storage.truncated'] as const;
    if (!isCode(error, ...codes)) throw error;
  }
  return sizes;
}

function count(sizes: Map<string, SourceSize>, resource: Uint8Array): void {
  const { record } = decodeResource(resource);
  const known = sizes.get(record.source) ?? { type: record.ref.type, resources: 0, entries: 0, bytes: 0 };
  sizes.set(record.source, {
    type: known.type,
    resources: known.resources + 1,
    entries: known.entries + record.entries,
    bytes: known.bytes + record.bytes,
  });
}

/** Each source as the newest snapshot that names it holds it. Reads no more lists of resources than that takes. */
export async function newestSizes(
  state: RepositoryState,
  estate: string,
  sources: readonly string[],
  snapshots: readonly StoredSnapshot[],
): Promise<ReadonlyMap<string, SourceSize>> {
  const found = new Map<string, SourceSize>();
  const newestFirst = snapshots.filter(({ document }) => document.info.estate === estate).reverse();
  const missing = (): string[] => sources.filter((source) => !found.has(source));
  const names = ({ document }: StoredSnapshot, source: string): boolean =>
    document.sources.some((record) => record.source === source && record.captured + record.partial > 0);
  // What a resumed session took over of sources that it did not select stands in no record: those are looked for last.
  const askFor = [
    (snapshot: StoredSnapshot) => missing().some((source) => names(snapshot, source)),
    () => missing().length > 0,
  ];
  for (const isWorthReading of askFor)
    for (const snapshot of newestFirst) {
      if (!isWorthReading(snapshot)) continue;
      for (const [source, size] of await sizesOf(state, snapshot)) if (!found.has(source)) found.set(source, size);
    }
  return found;
}
