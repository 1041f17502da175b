import { lstatSync, readFileSync, type BigIntStats } from 'node:fs';
import type { HoldfastError } from '../../kernel/errors.ts';
import { toBytes, type ByteText } from './byte-text.ts';
import type { Exclusion } from './exclude.ts';
import { fileError } from './errors.ts';
import { namesOf, readNames, type Names } from './names.ts';

export interface WalkSettings {
  /** Absolute, without a final slash; '' is the file system's root. */
  readonly root: ByteText;
  /** Begin at this directory (a key with its final slash) instead of the root; keys stay relative to the root. */
  readonly at?: ByteText;
  /** Only this name at the top: a source that is one file. */
  readonly only?: ByteText;
  readonly exclusion: Exclusion;
  /** Directories on other devices than this one are named but not entered. */
  readonly device?: bigint;
  /** Directories tagged by CACHEDIR.TAG: entered like others, only their tag is visited, or nothing in them is. */
  readonly caches: 'enter' | 'tag-only' | 'skip';
}

export interface WalkedNode {
  /** Relative to the root; a directory's ends with `/`. */
  readonly key: ByteText;
  readonly path: ByteText;
  readonly stat: BigIntStats;
  /** The node could not be read (then `stat` is absent), or the directory could not be listed. */
  readonly error?: undefined;
}

export interface WalkedProblem {
  readonly key: ByteText;
  readonly path: ByteText;
  /** Present for a directory that is there but cannot be listed. */
  readonly stat?: BigIntStats;
  readonly error: HoldfastError;
}

interface Frame {
  readonly key: ByteText;
  readonly path: ByteText;
  readonly names: Names;
  next: number;
  /** Directories met whose turn has not come: their key ends with `/`, so `a-b` and `a.txt` go before `a/`. */
  readonly held: { readonly name: ByteText; readonly stat: BigIntStats }[];
}

/**
 * Walks a tree in the byte order of its keys, holding the names of the directories between the root and where it is and
 * nothing else. Synchronous file calls: five times faster than promises for small files. The caller pauses.
 * Throws an item error when the starting directory cannot be listed; all other problems are yielded.
 */
export function* walk(settings: WalkSettings): Generator<WalkedNode | WalkedProblem> {
  const key = settings.at ?? '';
  const path = key === '' ? settings.root : `${settings.root}/${key.slice(0, -1)}`;
  const names =
    settings.only === undefined
      ? list(path, sizeOf(path), key === '' ? 'enter' : settings.caches)
      : namesOf([settings.only]);
  const frames: Frame[] = [{ key, path, names, next: 0, held: [] }];
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const node = nextOf(frame, settings);
    if (node === undefined) frames.pop();
    else if (node.error !== undefined || !node.stat.isDirectory()) yield node;
    else {
      const entered = enter(node, settings);
      if (entered === undefined) yield node;
      else if ('error' in entered) yield entered;
      else {
        yield node;
        frames.push(entered);
      }
    }
  }
}

/** The next node of one directory, without going deeper; undefined at its end. */
function nextOf(frame: Frame, settings: WalkSettings): WalkedNode | WalkedProblem | undefined {
  for (;;) {
    const name = frame.next < frame.names.length ? frame.names.at(frame.next) : undefined;
    const held = frame.held.at(-1);
    if (held && (name === undefined || `${held.name}/` < name)) {
      frame.held.pop();
      return { key: `${frame.key}${held.name}/`, path: `${frame.path}/${held.name}`, stat: held.stat };
    }
    if (name === undefined) return undefined;
    frame.next++;
    const key = frame.key + name;
    if (settings.exclusion.matches(key)) continue;
    const path = `${frame.path}/${name}`;
    let stat: BigIntStats;
    try {
      stat = lstatSync(toBytes(path), { bigint: true });
    } catch (error) {
      return { key, path, error: fileError(error, 'look at', path) };
    }
    if (!stat.isDirectory()) return { key, path, stat };
    if (!settings.exclusion.matchesDirectory(key)) frame.held.push({ name, stat });
  }
}

/** Undefined when the directory is named only. */
function enter(node: WalkedNode, settings: WalkSettings): Frame | WalkedProblem | undefined {
  if (settings.device !== undefined && node.stat.dev !== settings.device) return undefined;
  try {
    return {
      key: node.key,
      path: node.path,
      names: list(node.path, Number(node.stat.size), settings.caches),
      next: 0,
      held: [],
    };
  } catch (error) {
    return { ...node, error: fileError(error, 'list the folder', node.path) };
  }
}

/** Of the directory itself; a problem shows when it is listed. */
function sizeOf(path: ByteText): number {
  try {
    return lstatSync(toBytes(path === '' ? '/' : path)).size;
  } catch {
    return 0;
  }
}

function list(path: ByteText, size: number, caches: WalkSettings['caches']): Names {
  let names: Names;
  try {
    names = readNames(path === '' ? '/' : path, size);
  } catch (error) {
    throw fileError(error, 'list the folder', path);
  }
  // The tag is looked for by its name: a cache may be large.
  if (caches !== 'enter' && isTagged(`${path}/${cacheTag}`)) return namesOf(caches === 'skip' ? [] : [cacheTag]);
  return names;
}

// https://bford.info/cachedir/: a directory is a cache when it holds a file of this name that begins with this signature.
const cacheTag = 'CACHEDIR.TAG';
const cacheSignature = 'Signature: 8a477f597d28d172789f06886806bc55';

function isTagged(path: ByteText): boolean {
  try {
    const stat = lstatSync(toBytes(path));
    return stat.isFile() && stat.size < 65_536 && readFileSync(toBytes(path), 'latin1').startsWith(cacheSignature);
  } catch {
    // Unreadable or gone: then it is a file like others, and its own failure is reported when it is captured.
    return false;
  }
}
