import { createCipheriv, createDecipheriv } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import { compareBytes, hex } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { createByteReader } from '../format/reader.ts';
import { createByteWriter } from '../format/writer.ts';
import { mergeSorted } from './merge-sorted.ts';

export interface SortItem {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly size: number;
}

/** Sorts any number of items within a bound of memory: what does not fit goes, encrypted, to temporary files. */
export interface Sorter {
  /** Waits only where it makes room. Throws machine.disk-full, and usage.invalid where the folder cannot be written to. */
  add(item: SortItem): void | Promise<void>;
  /** All items in ascending order; of equal keys the last one added. Lets go of the temporary files when it ends. */
  sorted(): AsyncGenerator<SortItem>;
  /** Lets go of the temporary files: for those who will not read them. */
  discard(): Promise<void>;
}

export interface SorterSettings {
  readonly runtime: Runtime;
  readonly folder: string;
  /** Bytes of items to hold. */
  readonly memory: number;
}

const frameBytes = 256 * 1024;

export function createSorter(settings: SorterSettings): Sorter {
  // The key lives in this object only: what a crash leaves behind is noise.
  const key = settings.runtime.random.bytes(32);
  const runs: FileHandle[] = [];
  let items: SortItem[] = [];
  let held = 0;

  async function spill(): Promise<void> {
    const path = join(settings.folder, `holdfast-sort-${hex(settings.runtime.random.bytes(8))}`);
    const handle = await open(path, 'wx+', 0o600);
    runs.push(handle);
    // Without its name it is gone with its last handle, however this process ends.
    await rm(path, { force: true });
    let frame = 0;
    for (const plain of frames(inOrder(items))) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce(runs.length, frame++));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(sealed.length);
      await handle.appendFile(Buffer.concat([length, sealed]));
    }
    items = [];
    held = 0;
  }
  async function spillOrTell(): Promise<void> {
    try {
      await spill();
    } catch (error) {
      throw unusable(settings.folder, error);
    }
  }
  async function* readRun(run: number, handle: FileHandle): AsyncGenerator<Iterable<SortItem>> {
    let at = 0;
    for (let frame = 0; ; frame++) {
      const head = Buffer.alloc(4);
      const { bytesRead } = await handle.read(head, 0, 4, at);
      if (bytesRead === 0) return;
      const sealed = Buffer.alloc(head.readUInt32LE(0));
      await handle.read(sealed, 0, sealed.length, at + 4);
      at += 4 + sealed.length;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce(run, frame));
      decipher.setAuthTag(sealed.subarray(-16));
      yield unframe(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
    }
  }
  async function discard(): Promise<void> {
    items = [];
    for (const handle of runs.splice(0)) await handle.close();
  }
  return {
    add(item) {
      items.push(item);
      held += item.key.length + item.value.length + 100;
      return held <= settings.memory ? undefined : spillOrTell();
    },
    async *sorted() {
      try {
        // Later runs come last, so that of equal keys the latest wins in the merge.
        yield* mergeSorted([...runs.map((handle, i) => readRun(i + 1, handle)), inMemory(items)]);
      } finally {
        await discard();
      }
    },
    discard,
  };
}

async function* inMemory(items: readonly SortItem[]): AsyncGenerator<Iterable<SortItem>> {
  yield inOrder(items);
}

function unusable(folder: string, cause: unknown): HoldfastError {
  const errno = (cause as NodeJS.ErrnoException | undefined)?.code ?? String(cause);
  const hint = 'Free space there, or name another folder in HOLDFAST_CACHE_DIR.';
  if (errno === 'ENOSPC' || errno === 'EDQUOT')
    return new HoldfastError('machine.disk-full', `no space left in ${folder}, where temporary files go`, {
      cause,
      hint,
    });
  return new HoldfastError('usage.invalid', `temporary files cannot be written to ${folder} (${errno})`, {
    cause,
    hint,
  });
}

/** Sorted, with the last of equal keys kept: the sort is stable. */
function* inOrder(items: readonly SortItem[]): Generator<SortItem> {
  const sorted = [...items].sort((a, b) => compareBytes(a.key, b.key));
  for (let i = 0; i < sorted.length; i++) {
    const next = sorted[i + 1];
    const item = sorted[i] as SortItem;
    if (!next || compareBytes(item.key, next.key) !== 0) yield item;
  }
}

function* frames(items: Iterable<SortItem>): Generator<Uint8Array> {
  const writer = createByteWriter(frameBytes);
  for (const { key, value, size } of items) {
    writer.varint(key.length);
    writer.bytes(key);
    writer.varint(value.length);
    writer.bytes(value);
    writer.varint(size);
    if (writer.length >= frameBytes) yield writer.take();
  }
  if (writer.length > 0) yield writer.take();
}

function* unframe(plain: Uint8Array): Generator<SortItem> {
  const reader = createByteReader(plain, 'a sort frame');
  while (reader.left > 0) {
    const key = reader.bytes(reader.varint());
    const value = reader.bytes(reader.varint());
    yield { key, value, size: reader.varint() };
  }
}

function nonce(run: number, frame: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(run, 0);
  bytes.writeUInt32BE(frame, 8);
  return bytes;
}
