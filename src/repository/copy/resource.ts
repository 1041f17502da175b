import { mapOrdered } from '../../kernel/concurrency.ts';
import { displayBytes, equalBytes } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ResourceRecord } from '../contract.ts';
import type { ImportingSession } from '../session/import.ts';
import { checksumOf, type Roots } from '../session/record.ts';
import type { RepositoryState } from '../state.ts';
import { encodeEntry } from '../tree/entry.ts';
import type { TreeRef } from '../tree/page.ts';
import { createTreeWriter } from '../tree/writer.ts';
import type { ContentCopy } from './content.ts';
import { knownEntries, type FoundEntry } from './known.ts';
import type { ResourcePair } from './pair.ts';
import type { CopySource } from './source.ts';

export interface ResourceCopy {
  readonly source: CopySource;
  readonly target: RepositoryState;
  readonly session: ImportingSession;
  readonly contents: ContentCopy;
  readonly signal?: AbortSignal | undefined;
}

// Contents are bounded by their bytes; this many small ones at a time.
const entriesAtOnce = 64;

/** Copies one resource, collection by collection; equal trees are taken over whole. Memory: a page per level of each tree. */
export async function copyResource(
  copy: ResourceCopy,
  key: string,
  record: ResourceRecord,
  roots: Roots,
  pair: ResourcePair | undefined,
): Promise<void> {
  const { session } = copy;
  const done = new Map<string, TreeRef>();
  let partial: (() => ReadonlyMap<string, TreeRef>) | undefined;
  session.import.begin(key, () => new Map([...done, ...(partial?.() ?? [])]));
  for (const [name, root] of roots) {
    const before = pair?.source.get(name);
    const there = pair?.target.get(name);
    if (before && there && equalBytes(before.id, root.id) && copy.target.index.isLive(there.id)) {
      done.set(name, there);
      continue;
    }
    const tree = createTreeWriter((page) => session.import.storeMetadata(page));
    partial = () => {
      const made = tree.partial();
      return new Map(made ? [[name, made]] : []);
    };
    const interrupted = session.import.interrupted(key)?.get(name);
    const found = knownEntries(copy.source, copy.target, root, { before, there, interrupted });
    for await (const entry of mapOrdered(found, entriesAtOnce, (one) => copyEntry(copy, one))) {
      copy.signal?.throwIfAborted();
      tree.add(entry.key, entry.value, entry.size);
      const waiting = session.import.breathe();
      if (waiting) await waiting;
    }
    const made = tree.finish();
    partial = undefined;
    if (made) done.set(name, made);
  }
  session.import.finish(key, { ...record, checksum: checksumOf(done) }, done);
}

async function copyEntry(
  { contents }: ResourceCopy,
  { key, value, stored, known }: FoundEntry,
): Promise<{ readonly key: Uint8Array; readonly value: Uint8Array; readonly size: number }> {
  const { size } = stored.content;
  const content = known ?? (await contents.copy(key, stored));
  if (content.size !== size)
    throw new HoldfastError('repository.corrupt', `${displayBytes(key)} has ${content.size} bytes instead of ${size}`);
  return { key, value: content === stored.content ? value : encodeEntry({ ...stored, content }), size };
}
