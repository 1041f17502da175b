import { closeSync, ftruncateSync, renameSync, unlinkSync } from 'node:fs';
import { HoldfastError, asHoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import type { FileWriteJob, FileWriter } from './contract.ts';
import type { ExtractPart, StoredItem } from '../engine/messages.ts';
import { packParts } from '../engine/packed-parts.ts';
import { createFile, finishFile, writeError } from '../engine/write-part.ts';
import type { RepositoryState } from '../state.ts';
import { chunkRefs, dataReferences, type ChunkRef } from '../tree/content.ts';
import { readable } from './captured.ts';
import { fetchGroups } from './fetch-groups.ts';
import { createWriteBatch, type PlacedRef, type WriteBatch } from './write-batch.ts';

const partBytes = 8 * 1024 * 1024;

/** Writes files by the workers: parts of files in order, the groups they need fetched once per batch. */
export function createFileWriter(state: RepositoryState): FileWriter {
  const running = new Set<Promise<void>>();
  const failures: HoldfastError[] = [];
  let batch = createWriteBatch(state.chunks);
  let files = 0;
  let bytes = 0;
  let fatal: { error: unknown } | undefined;

  async function dispatch(): Promise<void> {
    const sent = batch;
    if (sent.parts.length === 0) return;
    batch = createWriteBatch(state.chunks);
    const work: Promise<void> = send(sent)
      .catch((error: unknown) => {
        fatal ??= { error };
        // Files of several parts are waiting for this one.
        sent.parts.forEach((_, i) => sent.done(i, failedItem(error)));
      })
      .finally(() => running.delete(work));
    running.add(work);
    while (running.size >= state.pool.threads + 1) await Promise.race(running);
    if (fatal) throw fatal.error;
  }
  async function send(sent: WriteBatch): Promise<void> {
    const items = await extract(sent);
    const { moved, which } = await relocate(sent, items);
    const again = moved.parts.length === 0 ? [] : await extract(moved);
    which.forEach((i, n) => {
      items[i] = again[n] as StoredItem;
    });
    items.forEach((item, i) => sent.done(i, item));
  }
  async function extract(sent: WriteBatch): Promise<StoredItem[]> {
    const { groups, lost } = await fetchGroups(state, sent.groups);
    const keys = sent.groups.map(({ pack }) => state.chunks.keyOf(pack).export());
    // What lies in a pack that cannot be read costs those parts, and not their neighbours.
    const errors = sent.parts.map(({ chunks }) => chunks.map(({ group }) => lost.get(group)).find(isGiven));
    const parts = packParts(sent.parts.filter((_, i) => errors[i] === undefined));
    const transfer = [parts.bytes.buffer, parts.numbers.buffer];
    const items =
      parts.mtimes.length === 0
        ? []
        : [...(await state.pool.run({ type: 'extract', groups, keys, parts }, { transfer }))];
    return errors.map((error) => (error ? failedItem(error) : (items.shift() as StoredItem)));
  }
  /** The parts that were not found where they were, and are elsewhere now: a pruner deletes a copy only when there is another one. */
  async function relocate(
    sent: WriteBatch,
    items: readonly StoredItem[],
  ): Promise<{ moved: WriteBatch; which: number[] }> {
    const doubtful = sent.parts.map((_, i) => i).filter((i) => items[i]?.error?.code === 'repository.corrupt');
    const moved = createWriteBatch(state.chunks);
    const which: number[] = [];
    if (doubtful.length > 0) await state.chunks.refresh();
    for (const i of doubtful) {
      const part = sent.parts[i] as ExtractPart;
      const before = part.chunks.map(({ group }) => sent.groups[group]?.pack.key);
      const now = part.chunks.map(({ id }) => state.index.locate(id));
      if (now.some((location) => !location) || now.every((location, n) => location?.pack.key === before[n])) continue;
      moved.add({ ...part, chunks: moved.place(part.chunks) }, part.size, ignored);
      which.push(i);
    }
    return { moved, which };
  }
  async function dispatchIfFull(): Promise<void> {
    if (batch.isFull) await dispatch();
  }
  function fileDone(job: FileWriteJob, item: StoredItem): void {
    if (item.error) {
      const { code, message, hint } = item.error;
      failures.push(new HoldfastError(code, message, hint === undefined ? {} : { hint }));
      return;
    }
    files++;
    bytes += job.entry.size;
  }
  async function writeLarge(job: FileWriteJob): Promise<void> {
    const path = asBuffer(job.path);
    const { fd, written } = createFile(path);
    let failed: StoredItem['error'];
    let pending = 1;
    const finish = (item: StoredItem): void => {
      failed ??= item.error;
      if (--pending > 0) return;
      try {
        if (!failed) {
          ftruncateSync(fd, job.entry.size);
          finishFile(fd, job);
        }
      } catch (error) {
        failed = writeError(error, path);
      }
      closeSync(fd);
      if (failed) unlinkSync(written);
      else if (written !== path) renameSync(written, path);
      fileDone(job, failed ? { size: 0, error: failed } : { size: job.entry.size });
    };
    const settings = { path: written, whole: false, mode: job.mode, sparse: job.sparse ?? false, size: job.entry.size };
    let refs: { id: Uint8Array; offset: number }[] = [];
    let held = 0;
    let offset = 0;
    async function flushPart(): Promise<void> {
      batch.add({ ...settings, chunks: batch.place(refs) }, held, finish);
      pending++;
      refs = [];
      held = 0;
      await dispatchIfFull();
    }
    try {
      for await (const list of references(job)) {
        for (const { id, length } of list) {
          refs.push({ id, offset });
          offset += length;
          held += length;
          if (held >= partBytes) await flushPart();
        }
      }
      if (refs.length > 0) await flushPart();
      finish({ size: 0 });
    } catch (error) {
      // The file is let go of and removed once no worker writes to it any more.
      finish(failedItem(error));
      if (fatal) throw error;
    }
  }
  function references(job: FileWriteJob): AsyncIterable<readonly ChunkRef[]> {
    return dataReferences(readable(job.entry).content, (id) => state.chunks.chunk('metadata', id));
  }
  function takeWhole(job: FileWriteJob, lists: readonly (readonly ChunkRef[])[]): void {
    const { inline } = readable(job.entry).content;
    const refs: PlacedRef[] = [];
    let offset = 0;
    for (const list of lists) {
      for (const { id, length } of list) {
        refs.push({ id, offset });
        offset += length;
      }
    }
    const { path, mode, mtimeNs, owner, sparse = false, entry } = job;
    const chunks = batch.place(refs);
    batch.add(
      { path, whole: true, mode, mtimeNs, owner, sparse, size: entry.size, inline, chunks },
      entry.size,
      (item) => fileDone(job, item),
    );
  }
  /** Files whose chunks are listed elsewhere, and large ones. */
  async function writeListed(job: FileWriteJob): Promise<void> {
    try {
      if (job.entry.size > partBytes) await writeLarge(job);
      else {
        const lists: (readonly ChunkRef[])[] = [];
        for await (const list of references(job)) lists.push(list);
        takeWhole(job, lists);
        await dispatchIfFull();
      }
    } catch (error) {
      if (fatal) throw error;
      failures.push(asHoldfastError(error));
    }
  }
  return {
    // Small files come by the million: nothing is waited for until a batch is full.
    write(job) {
      if (fatal) throw fatal.error;
      try {
        const { chunks, depth } = readable(job.entry).content;
        if (depth > 0 || job.entry.size > partBytes) return writeListed(job);
        takeWhole(job, [chunkRefs(chunks)]);
      } catch (error) {
        failures.push(asHoldfastError(error));
      }
      return batch.isFull ? dispatch() : undefined;
    },
    async finish() {
      await dispatch();
      await Promise.all(running);
      if (fatal) throw fatal.error;
      return { files, bytes, failures };
    },
  };
}

function failedItem(error: unknown): StoredItem {
  const { code, message, hint } = asHoldfastError(error);
  return { size: 0, error: { code, message, hint } };
}

// The parts' own callbacks are called when it is known what became of them.
function ignored(): void {
  /* called by send */
}

function isGiven<T>(value: T | undefined): value is T {
  return value !== undefined;
}
