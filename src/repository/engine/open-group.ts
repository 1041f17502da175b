import { createSecretKey } from 'node:crypto';
import { asHoldfastError } from '../../kernel/errors.ts';
import { decodeChunkGroup } from '../chunks/chunk-group.ts';
import { chunkId, idLength, type IdKeys } from '../chunks/id.ts';
import { openGroup } from '../keys/seal.ts';
import { readRange } from './extract.ts';
import type { StoredItem, ToWorker } from './messages.ts';

type OpenJob = Extract<ToWorker, { type: 'open' }>;

/** Opens groups for a thread that only looks at their bytes. What is wrong with one is told in its result. */
export function createOpener(
  ids: IdKeys,
  repository: Uint8Array,
  produced: (bytes: number) => void,
): (job: OpenJob) => StoredItem {
  let sealed = Buffer.alloc(0);

  function open({ group, key }: OpenJob): StoredItem {
    if (!group.bytes && sealed.length < group.length) sealed = Buffer.allocUnsafeSlow(group.length * 2);
    const bytes = group.bytes ?? readRange(group, sealed);
    const context = { key: createSecretKey(key), repository, kind: group.kind };
    const opened = openGroup(context, bytes, group.pack).plain;
    const plain = opened.byteLength === opened.buffer.byteLength ? opened : Uint8Array.from(opened);
    const chunks = decodeChunkGroup(plain, group.pack);
    const found = new Uint8Array(chunks.length * idLength);
    chunks.forEach((chunk, i) => found.set(chunkId(ids, group.kind, chunk), i * idLength));
    produced(group.length * 2);
    return { size: plain.length, opened: { plain, ids: found } };
  }
  return (job) => {
    try {
      return open(job);
    } catch (error) {
      const { code, message, hint } = asHoldfastError(error);
      return { size: 0, error: { code, message, hint } };
    }
  };
}
