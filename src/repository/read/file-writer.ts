import { closeSync, ftruncateSync, renameSync, unlinkSync } from 'node:fs';
import { HoldfastError, asHoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import type { FileWriteJob, FileWriter } from '../contract.ts';
import type { ExtractChunk, ExtractGroup, ExtractPart, StoredItem } from '../engine/messages.ts';
import { createFile, finishFile, writeError } from '../engine/write-part.ts';
import type { Location } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';
import { dataReferences } from '../tree/content.ts';
import { readable } from './captured.ts';

// One job: enough files to be worth a message, few enough bytes to be fetched and held.
const batchBytes = 4 * 1024 * 1024;
const batchParts = 256;
const partBytes = 8 * 1024 * 1024;
// Ranges of a pack closer than this are fetched as one: a request costs more than the gap.
const largestGap = 256 * 1024;

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
      })
      .finally(() => running.delete(work));
    running.add(work);
    while (running.size >= state.pool.threads + 1) await Promise.race(running);
    if (fatal) throw fatal.error;
  }
  async function send(sent: Batch): Promise<void> {
    const groups = await fetchGroups(state, sent.groups);
    const keys = sent.groups.map(({ pack }) => state.chunks.keyOf(pack).export());
    const items = await state.pool.run({ type: 'extract', groups, keys, parts: sent.parts });
    items.forEach((item, i) => sent.onDone[i]?.(item));
  }
  async function addPart(
    part: Omit<ExtractPart, 'chunks'>,
    refs: readonly { id: Uint8Array; offset: number }[],
    size: number,
    done: (item: StoredItem) => void,
  ): Promise<void> {
    const chunks: ExtractChunk[] = refs.map(({ id, offset }) => {
      const location = state.chunks.locate(id);
      const name = `${location.pack.key}@${location.offset}`;
      let group = batch.numbers.get(name);
      if (group === undefined) {
        group = batch.groups.push(location) - 1;
        batch.numbers.set(name, group);
      }
      return { id, group, place: location.place, offset };
    });
    batch.parts.push({ ...part, chunks });
    batch.onDone.push(done);
    batch.bytes += size;
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
      pending++;
      const sent = refs;
      const size = held;
      refs = [];
      held = 0;
      await addPart(settings, sent, size, finish);
    }
    for await (const list of dataReferences(readable(job.entry).content, (id) => state.chunks.chunk('metadata', id))) {
      for (const { id, length } of list) {
        refs.push({ id, offset });
        offset += length;
        held += length;
        if (held >= partBytes) await flushPart();
      }
    }
    if (refs.length > 0) await flushPart();
    finish({ size: 0 });
  }
  async function writeWhole(job: FileWriteJob): Promise<void> {
    const { content } = readable(job.entry);
    const refs: { id: Uint8Array; offset: number }[] = [];
    let offset = 0;
    for await (const list of dataReferences(content, (id) => state.chunks.chunk('metadata', id))) {
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
      sparse: job.sparse ?? false,
      size: job.entry.size,
      ...(content.inline ? { inline: Uint8Array.from(content.inline) } : {}),
    };
    await addPart(part, refs, job.entry.size, (item) => fileDone(job, item));
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

/** For a directory store the workers read for themselves; otherwise near ranges of a pack are fetched as one. */
async function fetchGroups(state: RepositoryState, wanted: readonly Location[]): Promise<ExtractGroup[]> {
  const { filePath } = state.store.capabilities;
  const base = ({ pack, offset, length }: Location): ExtractGroup => ({
    pack: pack.key,
    offset,
    length,
    epoch: pack.epoch,
    salt: pack.salt,
  });
  if (filePath) return wanted.map((location) => ({ ...base(location), packPath: filePath(location.pack.key) }));
  const order = wanted.map((location, i) => ({ location, i })).sort((a, b) => compareLocations(a.location, b.location));
  const fetched: ExtractGroup[] = [];
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (
      to < order.length &&
      near((order[to - 1] as (typeof order)[0]).location, (order[to] as (typeof order)[0]).location)
    )
      to++;
    const run = order.slice(from, to);
    const first = (run[0] as (typeof order)[0]).location;
    const last = (run.at(-1) as (typeof order)[0]).location;
    const bytes = await state.store.get(first.pack.key, {
      offset: first.offset,
      length: last.offset + last.length - first.offset,
    });
    for (const { location, i } of run) {
      const at = location.offset - first.offset;
      fetched[i] = { ...base(location), bytes: bytes.subarray(at, at + location.length) };
    }
    from = to;
  }
  return fetched;
}

function compareLocations(a: Location, b: Location): number {
  return a.pack.key === b.pack.key ? a.offset - b.offset : a.pack.key < b.pack.key ? -1 : 1;
}

function near(a: Location, b: Location): boolean {
  return a.pack.key === b.pack.key && b.offset - (a.offset + a.length) <= largestGap && b.offset >= a.offset + a.length;
}

function emptyBatch(): Batch {
  return { parts: [], onDone: [], groups: [], numbers: new Map(), bytes: 0 };
}
