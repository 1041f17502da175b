import type { EntryKind } from '../kernel/entry.ts';

/** One content that a path had. */
export interface Version {
  readonly kind: EntryKind | 'resource';
  /** Bytes of content. */
  readonly size: number;
  readonly secret: boolean;
  /** Equal where the content is equal. */
  readonly content: string;
}

/** A path that matched, and which snapshots hold what of it. */
export interface Finding {
  readonly path: string;
  /** Oldest first. */
  readonly versions: readonly (Version & { readonly snapshots: readonly string[] })[];
}

/** What was found in one resource, snapshot by snapshot; memory by versions, not by snapshots that hold them. */
export interface ResourceFindings {
  /** The next snapshot that holds the resource; all that was there stays until it is said to be gone. */
  begin(snapshot: string): void;
  /** The path has this content from this snapshot on. */
  add(path: string, version: Version): void;
  remove(path: string): void;
  /** Everything but `path` is gone until it is added again: the resource is read anew. */
  forget(path: string): void;
  /** What `begin` began could not be read: of that snapshot nothing is said, and the next one is read anew. */
  abandon(): void;
  all(): Finding[];
}

interface Held {
  readonly version: Version;
  /** First and last place among the snapshots, of each time it was there. */
  readonly runs: { readonly from: number; to: number | undefined }[];
}

export function createFindings(): ResourceFindings {
  const snapshots: string[] = [];
  const found = new Map<string, Held[]>();
  const current = new Map<string, Held>();

  function end(path: string): void {
    const run = current.get(path)?.runs.at(-1);
    // What ended with this very snapshot's beginning was last there in the one before.
    if (run) run.to = snapshots.length - 2;
    current.delete(path);
  }
  return {
    begin: (snapshot) => void snapshots.push(snapshot),
    add(path, version) {
      const known = current.get(path);
      if (known && known.version.content === version.content && known.version.kind === version.kind) return;
      end(path);
      const held = found.get(path) ?? [];
      found.set(path, held);
      let same = held.find(({ version: { content, kind } }) => content === version.content && kind === version.kind);
      if (!same) held.push((same = { version, runs: [] }));
      const last = same.runs.at(-1);
      // Read anew and still there: the same run goes on.
      if (last?.to === snapshots.length - 2) last.to = undefined;
      else same.runs.push({ from: snapshots.length - 1, to: undefined });
      current.set(path, same);
    },
    remove: end,
    forget(path) {
      for (const other of current.keys()) if (other !== path) end(other);
    },
    abandon() {
      for (const path of current.keys()) end(path);
      snapshots.pop();
    },
    all() {
      return [...found].flatMap(([path, held]) => {
        const versions = held.map(({ version, runs }) => ({
          ...version,
          snapshots: runs.flatMap(({ from, to }) => snapshots.slice(from, (to ?? snapshots.length - 1) + 1)),
        }));
        const seen = versions.filter(({ snapshots }) => snapshots.length > 0);
        return seen.length > 0 ? [{ path, versions: seen }] : [];
      });
    },
  };
}
