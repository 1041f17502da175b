import { isCode } from '../../kernel/errors.ts';
import { decodeChunkGroup } from '../chunks/chunk-group.ts';
import { chunkId } from '../chunks/id.ts';
import type { PackKind } from '../format/header.ts';
import type { GroupRecord, PackRecord } from '../format/pack-directory.ts';
import { openGroup } from '../keys/seal.ts';
import { decodePackDirectory } from '../pack/directory.ts';
import type { RepositoryState } from '../state.ts';

/**
 * Hands on every chunk of a damaged pack that still opens. Groups are looked for where the pack's own
 * directory says, and where index objects say. Throws storage.frozen, and what the store throws but for what is missing.
 */
export async function salvageChunks(
  view: RepositoryState,
  pack: string,
  indexed: readonly PackRecord[],
  take: (kind: PackKind, id: Uint8Array, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const bytes = await bytesOf(view, pack);
  if (!bytes) return;
  for (const record of [...ownDirectory(view, pack, bytes), ...indexed])
    for (const group of record.groups)
      for (const chunk of chunksOf(view, pack, record, group, bytes))
        await take(record.kind, chunkId(view.ids, record.kind, chunk), chunk);
}

async function bytesOf({ store }: RepositoryState, pack: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(pack);
  } catch (error) {
    if (isCode(error, 'storage.not-found', 'storage.truncated')) return undefined;
    throw error;
  }
}

function ownDirectory({ keyring }: RepositoryState, pack: string, bytes: Uint8Array): PackRecord[] {
  try {
    return [decodePackDirectory(keyring, pack, bytes, bytes)];
  } catch (error) {
    if (isCode(error, 'repository.corrupt', 'repository.newer-format')) return [];
    throw error;
  }
}

/** Whatever opens is genuine, and known by its own id, whichever one was expected there. */
function chunksOf(
  { chunks, keyring }: RepositoryState,
  pack: string,
  record: PackRecord,
  { offset, length }: GroupRecord,
  bytes: Uint8Array,
): readonly Uint8Array[] {
  const { kind } = record;
  try {
    const context = { key: chunks.keyOf(record), repository: keyring.repository, kind };
    const { plain } = openGroup(context, bytes.subarray(offset, offset + length), pack);
    return decodeChunkGroup(plain, pack);
  } catch (error) {
    if (isCode(error, 'repository.corrupt')) return [];
    throw error;
  }
}
