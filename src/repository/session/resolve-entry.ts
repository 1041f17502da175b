import { HoldfastError } from '../../kernel/errors.ts';
import { displayBytes, emptyBytes, utf8 } from '../../kernel/bytes.ts';
import type { LoadedContent, NewEntry } from '../../kernel/capture.ts';
import { canonicalJson, compactJson } from '../../kernel/json.ts';
import type { Attributes, EntryKind } from '../../kernel/entry.ts';
import type { ContentWriter } from '../engine/content-writer.ts';
import { noContent, type ContentRef } from '../tree/content.ts';
import type { StoredEntry } from '../tree/entry.ts';

export interface ResolvedEntry {
  readonly stored: StoredEntry;
  /** Content and details were taken over unread. */
  readonly reused: boolean;
  /** Fetched from a provider, which leaves far more behind than a file does. */
  readonly loaded?: boolean;
}

export interface ResolveSettings {
  readonly writer: ContentWriter;
  /** Bounds how many contents are being fetched. */
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  /** Keep documents inside the entry, as comparisons need them. */
  readonly inlineDocuments: boolean;
}

/** The entry with content and details of an earlier one, which has the same fingerprint. */
export function reuseEntry(entry: NewEntry, earlier: StoredEntry): ResolvedEntry {
  const { kind, content, details } = earlier;
  return { stored: storedEntry(entry, kind, content, details), reused: true };
}

/** Without a spread, which costs more than all else that is done for an entry here. */
function storedEntry(entry: NewEntry, kind: EntryKind, content: ContentRef, details: Attributes): StoredEntry {
  const { attributes = {}, secret = false, fingerprint = '' } = entry;
  return { kind, attributes, secret, fingerprint, content, details };
}

/** A row that is at hand lies in its entry: nothing is waited for, since there are millions. Undefined for all others. */
export function resolveRow(entry: NewEntry): ResolvedEntry | undefined {
  if (entry.kind !== 'row' || entry.load || entry.file) return undefined;
  const bytes = entry.document === undefined ? entry.content : utf8(compactJson(entry.document));
  if (!bytes?.length) return undefined;
  // A copy out of Node's pool: of millions, memory of its own for each costs more than the copy.
  const content = { size: bytes.length, inline: Buffer.from(bytes), chunks: emptyBytes, depth: 0 };
  return { stored: storedEntry(entry, entry.kind, content, {}), reused: false };
}

/** Fetches and stores what an entry consists of. Throws item errors for what costs only this entry. */
export async function resolveEntry(
  settings: ResolveSettings,
  key: Uint8Array,
  entry: NewEntry,
): Promise<ResolvedEntry> {
  const { kind } = entry;
  if (entry.file) {
    if (kind === 'document') throw new HoldfastError('internal.bug', `document ${displayBytes(key)} came as a file`);
    const content = await settings.writer.file(entry.file);
    return { stored: storedEntry(entry, kind, content, {}), reused: false };
  }
  if (!entry.load) {
    const content = await contentOf(settings, key, entry, entry);
    return { stored: storedEntry(entry, kind, content, {}), reused: false };
  }
  const { load } = entry;
  return await settings.limit(async () => {
    const loaded = await load();
    const content = await contentOf(settings, key, entry, loaded);
    if (loaded.expectedSize !== undefined && content.size !== loaded.expectedSize) {
      throw new HoldfastError(
        'item.damaged',
        `${displayBytes(key)} ended after ${content.size} of ${loaded.expectedSize} bytes`,
      );
    }
    return { stored: storedEntry(entry, kind, content, loaded.details ?? {}), reused: false, loaded: true };
  });
}

async function contentOf(
  settings: ResolveSettings,
  key: Uint8Array,
  entry: NewEntry,
  source: LoadedContent,
): Promise<ContentRef> {
  const { writer } = settings;
  if (source.document !== undefined) {
    const bytes = utf8(entry.kind === 'row' ? compactJson(source.document) : canonicalJson(source.document));
    return await writer.bytes(bytes, { kind: entry.kind, inline: entry.kind === 'row' || settings.inlineDocuments });
  }
  if (source.content === undefined) return noContent;
  if (source.content instanceof Uint8Array)
    return await writer.bytes(source.content, {
      kind: entry.kind,
      inline: entry.kind === 'row',
      ownsMemory: source.ownsMemory ?? false,
    });
  if (entry.kind === 'row') throw new HoldfastError('internal.bug', `row ${displayBytes(key)} came as a stream`);
  return await writer.stream(source.content, { kind: entry.kind });
}
