import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  writeSync,
} from 'node:fs';
import { asBuffer } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedEntry } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { FileWriter } from '../../repository/read/contract.ts';
import { showText, toBytes, type ByteText } from './byte-text.ts';
import { costsOneEntry, fileError } from './errors.ts';
import type { Facts } from './facts.ts';
import { toSeconds } from '../../kernel/file-times.ts';
import { clearDirectory, putInPlace } from './put-in-place.ts';
import { isWanted, survey, type Finding } from './survey.ts';
import { count, type TreeJob } from './tree-job.ts';
import { restorableMode, restorableOwner } from './user.ts';

/** Contents asked for at the same time: enough that reading the repository and writing the disk overlap. */
const concurrency = 8;

/**
 * Writes every regular file that is missing or whose content differs. Without a writer: here, each under a temporary
 * name and renamed. With one: in its threads, straight to the place; it is finished before this returns.
 */
export async function writeFiles(job: TreeJob, writer?: FileWriter): Promise<void> {
  if (writer) await writeElsewhere(job, writer);
  else await forEachConcurrent(wantedFiles(job), concurrency, (finding) => writeHere(job, finding));
}

async function writeHere(job: TreeJob, finding: Finding): Promise<void> {
  const entry = finding.source ?? finding.entry;
  try {
    await putInPlace(job, finding, (temporary) => writeFile(job, finding, entry, temporary));
    count(job, entry.size);
  } catch (error) {
    costOne(job, finding, error);
  }
}

async function writeElsewhere(job: TreeJob, writer: FileWriter): Promise<void> {
  for await (const finding of wantedFiles(job)) {
    try {
      const waiting = handOver(job, writer, finding);
      if (waiting) await waiting;
    } catch (error) {
      costOne(job, finding, error);
    }
  }
  const written = await writer.finish();
  job.done.items += written.files;
  job.done.bytes += written.bytes;
  job.onProgress(job.done);
  for (const failure of written.failures) job.failures.add(failure);
}

function costOne(job: TreeJob, finding: Finding, error: unknown): void {
  const said = fileError(error, 'write', finding.path);
  if (!costsOneEntry(said)) throw said;
  job.failures.add(said);
}

/** Regular files, and hard links whose first link is not part of this restore: they become files. */
export async function* wantedFiles(job: TreeJob): AsyncGenerator<Finding> {
  for await (const finding of survey(job, ['blob', 'hardlink'], { content: true })) {
    if (finding.entry.kind === 'hardlink' && finding.source === undefined) continue;
    if (isWanted(job, finding)) yield finding;
  }
}

/** The writer replaces files and links by a rename, as this file does; only a directory must be taken away for it. */
function handOver(job: TreeJob, writer: FileWriter, finding: Finding): void | Promise<void> {
  job.guard.require(finding.entry.key);
  const { stat, facts, path } = finding;
  if (stat?.isDirectory()) clearDirectory(job, finding.key);
  const mode = restorableMode(facts, job.user) ?? 0o600;
  const owner = restorableOwner(facts, job.user);
  const hasXattrs = Object.keys(facts.xattrs).length > 0;
  if (hasXattrs) job.awaitsXattrs = true;
  return writer.write({
    resource: job.captured,
    entry: finding.source ?? finding.entry,
    path: toBytes(path),
    // Extended attributes (and ACLs with them) come later; until then nobody else may read what may not be theirs.
    mode: hasXattrs ? 0o600 : mode,
    owner,
    mtimeNs: facts.mtimeNs,
    sparse: facts.sparse,
  });
}

async function writeFile(job: TreeJob, finding: Finding, entry: CapturedEntry, temporary: ByteText): Promise<void> {
  const { facts } = finding;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(toBytes(temporary), flags, 0o600);
  try {
    let at = 0;
    for await (const chunk of job.captured.read(entry)) {
      job.signal.throwIfAborted();
      if (facts.sparse) writeSparse(fd, asBuffer(chunk), at);
      else writeWhole(fd, asBuffer(chunk), at);
      at += chunk.length;
    }
    if (facts.sparse) ftruncateSync(fd, at);
    if (at !== entry.size || fstatSync(fd).size !== at) {
      throw new HoldfastError('item.damaged', `${showText(finding.key)}: ${at} bytes came back of ${entry.size}`, {
        resource: showText(finding.key),
      });
    }
    // A file that replaces another must be on the disk before the rename is. A new one need not: after a power cut the
    // same restore compares sizes and contents again and completes it, and syncing each would take longer than the rest.
    if (finding.stat !== undefined) fdatasyncSync(fd);
    sealFile(job, facts, fd, temporary);
  } finally {
    closeSync(fd);
  }
}

/** Owner before set-id bits and capabilities, extended attributes while the file is still writable, time last. */
function sealFile(job: TreeJob, facts: Facts, fd: number, temporary: ByteText): void {
  const { uid, gid } = restorableOwner(facts, job.user);
  if (uid !== undefined || gid !== undefined) {
    const stat = fstatSync(fd);
    if ((uid ?? stat.uid) !== stat.uid || (gid ?? stat.gid) !== stat.gid)
      fchownSync(fd, uid ?? stat.uid, gid ?? stat.gid);
  }
  if (Object.keys(facts.xattrs).length > 0) job.xattrs?.write(temporary, facts.xattrs);
  const mode = restorableMode(facts, job.user);
  if (mode !== undefined) fchmodSync(fd, mode);
  if (facts.mtimeNs !== undefined) futimesSync(fd, toSeconds(facts.mtimeNs), toSeconds(facts.mtimeNs));
}

function writeWhole(fd: number, bytes: Buffer, at: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(fd, bytes, written, bytes.length - written, at + written);
  }
}

// The block size of ext4, XFS and APFS: holes begin and end on these.
const block = 4096;
const zeros = Buffer.alloc(block);

/** Leaves out aligned blocks of zeros; the final ftruncate gives the file its length. */
function writeSparse(fd: number, bytes: Buffer, at: number): void {
  let from = 0;
  for (let i = 0; i < bytes.length;) {
    const end = Math.min(bytes.length, i + block - ((at + i) % block));
    if (zeros.subarray(0, end - i).equals(bytes.subarray(i, end))) {
      if (from < i) writeWhole(fd, bytes.subarray(from, i), at + from);
      from = end;
    }
    i = end;
  }
  if (from < bytes.length) writeWhole(fd, bytes.subarray(from), at + from);
}
