import { closeSync, ftruncateSync, renameSync, unlinkSync } from 'node:fs';
import { HoldfastError, asHoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import type { FileWriteJob, FileWriter } from './contract.ts';
import type { ExtractChunk, ExtractPart, StoredItem } from '../engine/messages.ts';
import { createFile, finishFile, writeError } from '../engine/write-part.ts';
import type { Location } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';
import { dataReferences, type ChunkRef } from '../tree/content.ts';
import { readable } from './captured.ts';
import { fetchGroups } from './fetch-groups.ts';

// One job: enough files to be worth a message, few enough bytes to be fetched and held.
const batchBytes = 4 * 1024 * 1024;
const batchParts = 256;
const partBytes = 8 * 1024 * 1024;

interface Batch {
  parts: ExtractPart[];
  onDone: ((item: StoredItem) => void)[];
  groups: Location[];
  numbers: Map<string, number>;
  bytes: number;
}

/** Writes files by the workers: parts of files in order, the groups they need fetched once per batch. */
export function createFileWriter(state: RepositoryState): FileWriter {
  const running = new Set<Promise<void>>();
  const failures: HoldfastError[] = [];
  let batch = emptyBatch();
  let files = 0;
  let bytes = 0;
  let fatal: { error: unknown } | undefined;

  async function dispatch(): Promise<void> {
    const sent = batch;
    if (sent.parts.length === 0) return;
    batch = emptyBatch();
    const work: Promise<void> = send(sent)
      .catch((error: unknown) => {
        fatal ??= { error };
        // Files of several parts are waiting for this one.
        for (const done of sent.onDone) done(failedItem(error));
      })
      .finally(() => running.delete(work));
    running.add(work);
    while (running.size >= state.pool.threads + 1) await Promise.race(running);
    if (fatal) throw fatal.error;
  }
  async function send(sent: Batch): Promise<void> {
    const items = await extract(sent);
    const { moved, which } = await relocate(sent, items);
    const again = moved.parts.length === 0 ? [] : await extract(moved);
    which.forEach((i, n) => {
      items[i] = again[n] as StoredItem;
    });
    items.forEach((item, i) => sent.onDone[i]?.(item));
  }
  async function extract(sent: Batch): Promise<StoredItem[]> {
    const { groups, lost } = await fetchGroups(state, sent.groups);
    const keys = sent.groups.map(({ pack }) => state.chunks.keyOf(pack).export());
    // What lies in a pack that cannot be read costs those parts, and not their neighbours.
    const errors = sent.parts.map(({ chunks }) => chunks.map(({ group }) => lost.get(group)).find(isGiven));
    const parts = sent.parts.filter((_, i) => errors[i] === undefined);
    const items = parts.length === 0 ? [] : [...(await state.pool.run({ type: 'extract', groups, keys, parts }))];
    return errors.map((error) => (error ? failedItem(error) : (items.shift() as StoredItem)));
  }
  /** The parts that were not found where they were, and are elsewhere now: a pruner deletes a copy only when there is another one. */
  async function relocate(sent: Batch, items: readonly StoredItem[]): Promise<{ moved: Batch; which: number[] }> {
    const doubtful = sent.parts.map((_, i) => i).filter((i) => items[i]?.error?.code === 'repository.corrupt');
    const moved = emptyBatch();
    const which: number[] = [];
    if (doubtful.length > 0) await state.chunks.refresh();
    for (const i of doubtful) {
      const part = sent.parts[i] as ExtractPart;
      const before = part.chunks.map(({ group }) => sent.groups[group]?.pack.key);
      const now = part.chunks.map(({ id }) => state.index.locate(id));
      if (now.some((location) => !location) || now.every((location, n) => location?.pack.key === before[n])) continue;
      takeInto(moved, part, part.chunks, part.size, ignored);
      which.push(i);
    }
    return { moved, which };
  }
  /** `done` is called for every part that was taken; one that cannot be taken throws. */
  function takePart(
    part: Omit<ExtractPart, 'chunks'>,
    refs: readonly { id: Uint8Array; offset: number }[],
    size: number,
    done: (item: StoredItem) => void,
  ): void {
    takeInto(batch, part, refs, size, done);
  }
  function takeInto(
    into: Batch,
    part: Omit<ExtractPart, 'chunks'>,
    refs: readonly { id: Uint8Array; offset: number }[],
    size: number,
    done: (item: StoredItem) => void,
  ): void {
    const chunks: ExtractChunk[] = refs.map(({ id, offset }) => {
      const location = state.chunks.locate(id);
      const name = `${location.pack.key}@${location.offset}`;
      let group = into.numbers.get(name);
      if (group === undefined) {
        group = into.groups.push(location) - 1;
        into.numbers.set(name, group);
      }
      return { id, group, place: location.place, offset };
    });
    into.parts.push({ ...part, chunks });
    into.onDone.push(done);
    into.bytes += size;
  }
  async function dispatchIfFull(): Promise<void> {
    if (batch.bytes >= batchBytes || batch.parts.length >= batchParts) await dispatch();
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
      takePart(settings, refs, held, finish);
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
  async function writeWhole(job: FileWriteJob): Promise<void> {
    const { content } = readable(job.entry);
    const refs: { id: Uint8Array; offset: number }[] = [];
    let offset = 0;
    for await (const list of references(job)) {
      for (const { id, length } of list) {
        refs.push({ id, offset });
        offset += length;
      }
    }
    const part: Omit<ExtractPart, 'chunks'> = {
      path: job.path,
      whole: true,
      mode: job.mode,
      ...(job.mtimeNs === undefined ? {} : { mtimeNs: job.mtimeNs }),
      ...(job.owner ? { owner: job.owner } : {}),
      sparse: job.sparse ?? false,
      size: job.entry.size,
      ...(content.inline ? { inline: Uint8Array.from(content.inline) } : {}),
    };
    takePart(part, refs, job.entry.size, (item) => fileDone(job, item));
    await dispatchIfFull();
  }
  return {
    async write(job) {
      if (fatal) throw fatal.error;
      try {
        if (job.entry.size > partBytes) await writeLarge(job);
        else await writeWhole(job);
      } catch (error) {
        if (fatal) throw error;
        failures.push(asHoldfastError(error));
      }
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

function emptyBatch(): Batch {
  return { parts: [], onDone: [], groups: [], numbers: new Map(), bytes: 0 };
}
