import { readlinkSync } from 'node:fs';
import type { CaptureSink, CollectionSink, NewEntry } from '../../kernel/capture.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { toBytes, type ByteText } from './byte-text.ts';
import { captureNotes, newCounts, type CaptureCounts } from './capture-notes.ts';
import { fileError } from './errors.ts';
import { createExclusion } from './exclude.ts';
import { fingerprintOf, isSparse, kindOf, nodeAttributes, specialType, targetAttribute } from './facts.ts';
import { describeFolder, filesCollection, folderDocument, openFolder } from './folder.ts';
import type { LocalOptions } from './options.ts';
import { createPause } from './pause.ts';
import { walk, type WalkedNode, type WalkedProblem } from './walk.ts';
import { loadXattrs, type XattrMap, type Xattrs } from './xattrs.ts';

interface Capture {
  readonly options: LocalOptions;
  readonly files: CollectionSink;
  readonly sink: CaptureSink;
  readonly counts: CaptureCounts;
  readonly xattrs: Xattrs | undefined;
  /** device/inode → key of the first link, until all links have been met. */
  readonly firstLinks: Map<string, { readonly key: ByteText; left: number }>;
}

/**
 * Walks the folder and adds every node to `files`, in order; contents are read by the sink's workers.
 * Throws an item error when the folder itself cannot be opened or listed.
 */
export async function capture(
  context: ConnectorContext<LocalOptions>,
  _resource: DiscoveredResource,
  sink: CaptureSink,
  load: () => Xattrs | undefined = loadXattrs,
): Promise<void> {
  const { options } = context;
  const xattrs = options.xattrs ? load() : undefined;
  const folder = openFolder(options);
  const state: Capture = {
    options,
    files: sink.collection(filesCollection, { order: 'sorted' }),
    sink,
    counts: newCounts(),
    xattrs,
    firstLinks: new Map(),
  };
  state.counts.xattrsMissing = options.xattrs && xattrs === undefined;
  const own = folder.only === undefined ? readXattrs(state, '', folder.root) : undefined;
  await sink.root.add({
    key: folderDocument,
    kind: 'document',
    document: describeFolder(options, folder, own, state.xattrs !== undefined),
  });
  const pause = createPause(context.signal);
  const nodes = walk({
    root: folder.root,
    ...(folder.only === undefined ? {} : { only: folder.only }),
    exclusion: createExclusion(options.exclude),
    ...(options['one-file-system'] ? { device: folder.stat.dev } : {}),
    caches: options['exclude-caches'] ? 'tag-only' : 'enter',
  });
  for (const node of nodes) {
    const others = pause();
    if (others) await others;
    const entry = node.error === undefined ? newEntry(state, node) : problemEntry(state, node);
    if (entry) await state.files.add(entry);
  }
  for (const note of captureNotes(state.counts)) sink.note(note);
}

/** Undefined when the node could not be described; its failure is reported then. */
function newEntry(state: Capture, node: WalkedNode): NewEntry | undefined {
  const { stat } = node;
  const kind = kindOf(stat);
  const key = toBytes(node.key);
  if (kind === 'blob' && stat.nlink > 1n) {
    const first = knownLink(state, node);
    if (first !== undefined) {
      return { key, kind: 'hardlink', attributes: { target: targetAttribute(toBytes(first)) } };
    }
  }
  const attributes = nodeAttributes(stat, kind === 'symlink' ? undefined : readXattrs(state, node.key, node.path));
  if (stat.mtimeNs % 1000n !== 0n) state.counts.subMicrosecond++;
  if (kind === 'directory') return { key, kind, attributes };
  if (kind === 'symlink') return symlinkEntry(state, node, key, attributes);
  if (kind === 'special') return { key, kind, attributes: { ...attributes, ...specialAttributes(state, node) } };
  if (stat.nlink > 1n) attributes['links'] = Number(stat.nlink);
  if (isSparse(stat)) attributes['sparse'] = true;
  const { options } = state;
  return {
    key,
    kind,
    attributes,
    fingerprint: fingerprintOf(stat, { ignoreCtime: options['ignore-ctime'], ignoreInode: options['ignore-inode'] }),
    file: {
      path: toBytes(node.path),
      size: Number(stat.size),
      mtimeNs: stat.mtimeNs,
      ...(options['ignore-inode'] ? {} : { ino: stat.ino }),
    },
  };
}

/**
 * A node that cannot be read fails, and still takes its place: a folder that cannot be listed as a directory marked
 * `unlisted`, anything else as a marker. A restore in mode exact would otherwise delete what was never captured.
 */
function problemEntry(state: Capture, node: WalkedProblem): NewEntry | undefined {
  const key = toBytes(node.key);
  state.sink.fail(node.error, { collection: filesCollection, key });
  if (node.error.code === 'item.not-found') return undefined;
  if (node.stat === undefined) return { key, kind: 'marker', attributes: { unreadable: true } };
  const xattrs = readXattrs(state, node.key, node.path);
  return { key, kind: 'directory', attributes: { ...nodeAttributes(node.stat, xattrs), unlisted: true } };
}

function symlinkEntry(
  state: Capture,
  node: WalkedNode,
  key: Buffer,
  attributes: Record<string, Json>,
): NewEntry | undefined {
  try {
    const target = readlinkSync(toBytes(node.path), { encoding: 'buffer' });
    return { key, kind: 'symlink', attributes: { ...attributes, target: targetAttribute(target) } };
  } catch (error) {
    state.sink.fail(fileError(error, 'read the link', node.path), { collection: filesCollection, key });
    return undefined;
  }
}

function specialAttributes(state: Capture, node: WalkedNode): Record<string, Json> {
  const type = specialType(node.stat);
  if (type === 'socket') state.counts.sockets++;
  if (type === 'character-device' || type === 'block-device') state.counts.devices++;
  return { type, ...(node.stat.rdev === 0n ? {} : { rdev: String(node.stat.rdev) }) };
}

/** The key under which this file was met before. The first link is remembered until all of them have come by. */
function knownLink(state: Capture, node: WalkedNode): ByteText | undefined {
  const id = `${node.stat.dev}/${node.stat.ino}`;
  const first = state.firstLinks.get(id);
  if (first === undefined) {
    state.firstLinks.set(id, { key: node.key, left: Number(node.stat.nlink) - 1 });
    return undefined;
  }
  if (--first.left <= 0) state.firstLinks.delete(id);
  return first.key;
}

/** Attributes that cannot be read cost themselves only: the file is captured without them, and the failure is reported. */
function readXattrs(state: Capture, key: ByteText, path: ByteText): XattrMap | undefined {
  if (state.xattrs === undefined) return undefined;
  try {
    const map = state.xattrs.read(path === '' ? '/' : path);
    if (map !== 'unreachable') return map;
    state.counts.xattrsUnreachable++;
  } catch (error) {
    if (!isItemError(error)) throw error;
    state.sink.fail(error, key === '' ? undefined : { collection: filesCollection, key: toBytes(key) });
  }
  return undefined;
}
