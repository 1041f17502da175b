import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Repository } from '../../repository/contract.ts';
import { walBlock, type ClusterWal, type WalRun } from '../../repository/wal/contract.ts';
import { fewest, reachFrom, spansOf } from '../../repository/wal/spans.ts';
import { parseSegment } from '../../repository/wal/segments.ts';

const blockBytes = Number(walBlock);

/** Bytes of the header of a segment's first page that say whose it is (PostgreSQL: xlog_internal.h, XLogLongPageHeaderData). */
const headerBytes = 40;

/**
 * Stores what archive_command is given: a segment or the history of a timeline. `ignored`: a kind of file that recovery from this
 * repository does not need. The same again is no error. Throws wal.diverged, item.unreadable for a file that is not what its name says.
 */
export async function pushFile(repository: Repository, path: string): Promise<'stored' | 'ignored'> {
  const name = basename(path);
  const [, timeline] = /^([0-9A-F]{8})\.history$/.exec(name) ?? [];
  if (timeline !== undefined) {
    const wal = repository.wal(await systemIdBeside(path));
    await wal.putHistory(Number.parseInt(timeline, 16), await readFile(path, 'utf8'));
    return 'stored';
  }
  if (/^[0-9A-F]{24}\.([0-9A-F]{8}\.backup|partial)$/.test(name)) return 'ignored';
  // Success here lets the server remove its own copy: of a name that it never gives, something else was meant.
  if (!/^[0-9A-F]{24}$/.test(name))
    throw new HoldfastError('item.unreadable', `${path} is no name of a file that PostgreSQL archives`, {
      resource: path,
      hint: 'Let archive_command hand over the path as the server writes it: wal push %p.',
    });
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const header = Buffer.alloc(headerBytes);
    await file.read(header, 0, headerBytes, 0);
    const segmentSize = header.readUInt32LE(32);
    const place = size >= headerBytes ? parseSegment(name, segmentSize || size) : undefined;
    if (!place || segmentSize !== size || header.readBigUInt64LE(8) !== place.start)
      throw new HoldfastError('item.unreadable', `${path} is no segment of WAL of this name`, { resource: path });
    const wal = repository.wal(String(header.readBigUInt64LE(24)));
    for (let at = 0; at < size; at += blockBytes) {
      const bytes = Buffer.alloc(Math.min(blockBytes, size - at));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
      if (bytesRead !== bytes.length)
        throw new HoldfastError('item.changed', `${path} became shorter`, { resource: path });
      await wal.put(place.timeline, place.start + BigInt(at), { bytes, segmentSize, sentAt: mtimeMs });
    }
    return 'stored';
  } finally {
    await file.close();
  }
}

/**
 * Writes what restore_command asks for. Throws wal.not-found where it is not stored, and wal.gap where there is WAL before and after
 * it: a server that were told "not there" would end its recovery too early.
 */
export async function fetchFile(repository: Repository, name: string, path: string): Promise<void> {
  const wal = repository.wal(await systemIdBeside(path));
  const [, historyOf] = /^([0-9A-F]{8})\.history$/.exec(name) ?? [];
  if (historyOf !== undefined) {
    const text = await wal.history(Number.parseInt(historyOf, 16));
    if (text === undefined) throw notStored(name);
    await writeWhole(path, Buffer.from(text), []);
    return;
  }
  const segmentSize = await segmentSizeOf(wal, name);
  const place = segmentSize === undefined ? undefined : parseSegment(name, segmentSize);
  if (!place || segmentSize === undefined) throw notStored(name);
  const end = place.start + BigInt(segmentSize);
  const runs: WalRun[] = [];
  for (let at = place.start; at < end; at += walBlock)
    for await (const run of wal.runs(place.timeline, at)) if (run.start < end && run.end > place.start) runs.push(run);
  const reach = reachFrom(await spansOf(runs), place.start);
  const isWhole = reach >= end;
  if (!isWhole && (await goesOnBehind(wal, place.timeline, reach))) {
    if (reach > place.start || (await beginsBefore(wal, place.timeline, place.start)))
      throw new HoldfastError(
        'wal.gap',
        `WAL of timeline ${place.timeline} is missing within ${name}, and goes on behind`,
      );
  }
  if (reach === place.start) throw notStored(name);
  const parts = await Promise.all(
    fewest(runs.filter((run) => run.start <= reach)).map(async (run) => {
      const { bytes } = await wal.read(run);
      const skip = run.start < place.start ? Number(place.start - run.start) : 0;
      const at = Number(run.start - place.start) + skip;
      return { at, bytes: bytes.subarray(skip, skip + segmentSize - at) };
    }),
  );
  await writeWhole(path, Buffer.alloc(segmentSize), parts);
}

/** As the first run of the timeline says; undefined where there is none. */
async function segmentSizeOf(wal: ClusterWal, name: string): Promise<number | undefined> {
  const timeline = Number.parseInt(name.slice(0, 8), 16);
  for await (const run of wal.runs(timeline)) return (await wal.read(run)).segmentSize;
  return undefined;
}

async function goesOnBehind(wal: ClusterWal, timeline: number, end: bigint): Promise<boolean> {
  for await (const { end: other } of wal.runs(timeline)) if (other > end) return true;
  return false;
}

async function beginsBefore(wal: ClusterWal, timeline: number, start: bigint): Promise<boolean> {
  for await (const run of wal.runs(timeline)) return run.start < start;
  return false;
}

function notStored(name: string): HoldfastError {
  return new HoldfastError('wal.not-found', `${name} is not stored`, { resource: name });
}

/** Appears whole: the server must not read half a segment. */
async function writeWhole(
  path: string,
  bytes: Buffer,
  parts: readonly { readonly at: number; readonly bytes: Uint8Array }[],
): Promise<void> {
  for (const part of parts) bytes.set(part.bytes, part.at);
  const draft = `${path}.holdfast`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The number of the cluster in whose pg_wal a path lies: the first eight bytes of its control file (pg_control.h). */
async function systemIdBeside(path: string): Promise<string> {
  const control = join(dirname(dirname(resolve(path))), 'global', 'pg_control');
  try {
    return String((await readFile(control)).readBigUInt64LE(0));
  } catch (error) {
    throw new HoldfastError('item.unreadable', `${path} lies in no data folder: ${control} cannot be read`, {
      resource: path,
      cause: error,
      hint: 'Give the path as the server does (%p), with its data folder as working directory.',
    });
  }
}
