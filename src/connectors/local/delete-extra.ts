import { lstatSync, readdirSync, rmdirSync, unlinkSync, type BigIntStats } from 'node:fs';
import { asBuffer } from '../../kernel/bytes.ts';
import { byteText, parentKey, pathOf, toBytes, type ByteText } from './byte-text.ts';
import { costsOneEntry, fileError } from './errors.ts';
import { readFacts } from './facts.ts';
import { openingUp } from './put-in-place.ts';
import { createPause } from './pause.ts';
import { cachesOf, count, inPrefix, type TreeJob } from './tree-job.ts';
import { walk, type WalkedNode } from './walk.ts';

/**
 * What is on disk and not in the snapshot, by one walk beside the captured entries, both sorted; a directory comes after
 * what is in it, and only when nothing else is in it. What captures leave out (now or then), what could not be read when
 * it was captured, and what cannot be looked at is not extra.
 */
export async function* findExtra(job: TreeJob): AsyncGenerator<WalkedNode> {
  const open: { readonly node: WalkedNode; extra: number }[] = [];
  function* leave(until: ByteText | undefined): Generator<WalkedNode> {
    for (let top = open.at(-1); top && !(until?.startsWith(top.node.key) ?? false); top = open.at(-1)) {
      open.pop();
      if (!holdsMoreThan(top.node.path, top.extra)) yield* found(top.node);
    }
  }
  function* found(node: WalkedNode): Generator<WalkedNode> {
    const parent = open.at(-1);
    if (parent) parent.extra++;
    yield node;
  }
  for await (const node of notCaptured(job)) {
    yield* leave(node.key);
    if (node.stat.isDirectory()) open.push({ node, extra: 0 });
    else yield* found(node);
  }
  yield* leave(undefined);
}

export async function deleteExtra(job: TreeJob): Promise<void> {
  for await (const node of findExtra(job)) await remove(job, node);
}

/** Whoever asks may have deleted what was found in it since, so fewer is right too. */
function holdsMoreThan(path: ByteText, entries: number): boolean {
  try {
    return readdirSync(toBytes(path)).length > entries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw fileError(error, 'list the folder', path);
  }
}

async function* notCaptured(job: TreeJob): AsyncGenerator<WalkedNode> {
  const stat = lstatSync(toBytes(job.root === '' ? '/' : job.root), { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || job.folder.type === 'file') return;
  const keys = capturedKeys(job);
  const pause = createPause(job.signal);
  let captured = await keys.next();
  let unknown: ByteText | undefined;
  try {
    for (const node of liveNodes(job, stat)) {
      const others = pause();
      if (others) await others;
      while (!captured.done && captured.value.key <= node.key) {
        if (captured.value.unlisted) unknown = captured.value.key;
        if (captured.value.key === node.key) break;
        captured = await keys.next();
      }
      if (!captured.done && captured.value.key === node.key) continue;
      if (node.error !== undefined || !inPrefix(job, toBytes(node.key))) continue;
      if (unknown !== undefined && node.key.startsWith(unknown)) continue;
      yield node;
    }
  } finally {
    await keys.return(undefined);
  }
}

async function remove(job: TreeJob, node: WalkedNode): Promise<void> {
  try {
    job.guard.require(toBytes(node.key));
    await openingUp(job, pathOf(job.root, parentKey(node.key)), () => {
      if (node.stat.isDirectory()) rmdirSync(toBytes(node.path));
      else unlinkSync(toBytes(node.path));
    });
    count(job);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Gone already, or a directory that keeps what captures leave out: both are as they should be.
    if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EBUSY') return;
    const said = fileError(error, 'delete', node.path);
    if (!costsOneEntry(said)) throw said;
    job.failures.add(said);
  }
}

function* liveNodes(job: TreeJob, root: BigIntStats): ReturnType<typeof walk> {
  yield* walk({
    root: job.root,
    exclusion: job.exclusion,
    ...(job.folder.oneFileSystem ? { device: root.dev } : {}),
    caches: cachesOf(job),
  });
}

async function* capturedKeys(job: TreeJob): AsyncGenerator<{ readonly key: ByteText; readonly unlisted: boolean }> {
  for await (const entry of job.captured.entries('files')) {
    const unlisted = entry.kind === 'directory' && readFacts(entry.attributes).unlisted;
    yield { key: byteText(asBuffer(entry.key)), unlisted };
  }
}
