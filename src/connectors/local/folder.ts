import { statSync, type BigIntStats } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { byteText, toBytes, type ByteText } from './byte-text.ts';
import { fileError } from './errors.ts';
import { nodeAttributes, readFacts, type Facts } from './facts.ts';
import type { LocalOptions } from './options.ts';
import type { XattrMap } from './xattrs.ts';

/** The document at the resource's root that says what the folder itself is; its entries are in the collection `files`. */
export const folderDocument = 'folder.json';
export const filesCollection = 'files';

/** What a source points at, on this machine. A path that is a symbolic link is followed: the person named it. */
export interface Folder {
  readonly stat: BigIntStats;
  /** Where keys begin: the folder, or the folder that holds the file. No final slash; '' is the file system's root. */
  readonly root: ByteText;
  /** The name of the file, when the source is one file. */
  readonly only?: ByteText;
}

/** The path without `.`, `..`, double and final slashes. Throws config.invalid when it is not absolute. */
export function cleanPath(path: string): string {
  if (!isAbsolute(path) || path.includes('\0')) {
    throw new HoldfastError('config.invalid', `the path of a local source must be absolute: ${path}`, {
      resource: path,
      hint: 'Write the path from / on; in holdfast.yaml paths relative to its folder are resolved for you.',
    });
  }
  return normalize(path).replace(/(?<=.)\/+$/, '');
}

/** Looks at the source's path. Throws item.not-found, item.denied; item.unreadable for what is no folder and no file. */
export function openFolder(options: LocalOptions): Folder {
  const path = cleanPath(options.path);
  const text = byteText(utf8(path));
  let stat: BigIntStats;
  try {
    stat = statSync(toBytes(text), { bigint: true });
  } catch (error) {
    const said = fileError(error, 'open', text);
    if (said.code !== 'item.not-found') throw said;
    throw new HoldfastError('item.not-found', `the folder ${path} of source ${options.name} does not exist`, {
      resource: path,
      hint: 'Correct the path of the source, or mount the disk it is on.',
      cause: error,
    });
  }
  if (stat.isDirectory()) return { stat, root: text === '/' ? '' : text };
  if (stat.isFile()) return { stat, ...splitFile(text) };
  throw new HoldfastError('item.unreadable', `${path} of source ${options.name} is neither a folder nor a file`, {
    resource: path,
    hint: 'Point the source at a folder or a regular file.',
  });
}

/** The parent and the name of a source that is one file. */
export function splitFile(path: ByteText): { root: ByteText; only: ByteText } {
  const slash = path.lastIndexOf('/');
  return { root: path.slice(0, slash), only: path.slice(slash + 1) };
}

/** `captured` says how the walk was made, for restores: what was left out must not be deleted as extra. */
export function describeFolder(
  options: LocalOptions,
  folder: Folder,
  xattrs: XattrMap | undefined,
  read: boolean,
): Json {
  const captured = {
    exclude: options.exclude,
    'one-file-system': options['one-file-system'],
    'exclude-caches': options['exclude-caches'],
    xattrs: read,
  };
  const path = cleanPath(options.path);
  if (folder.only !== undefined) return { path, type: 'file', captured };
  return { path, type: 'folder', captured, ...nodeAttributes(folder.stat, xattrs) };
}

/** folder.json read back. */
export interface CapturedFolder {
  readonly type: 'folder' | 'file';
  readonly facts: Facts;
  readonly exclude: readonly string[];
  readonly oneFileSystem: boolean;
  readonly excludeCaches: boolean;
  /** Extended attributes were captured: an entry without them has none. */
  readonly xattrs: boolean;
}

export async function readFolder(captured: CapturedResource): Promise<CapturedFolder> {
  const document = record(await captured.json('', folderDocument));
  const how = record(document['captured']);
  const exclude = Array.isArray(how['exclude']) ? (how['exclude'] as readonly Json[]) : [];
  return {
    type: document['type'] === 'file' ? 'file' : 'folder',
    facts: readFacts(document as Readonly<Record<string, Json>>),
    exclude: exclude.filter((p): p is string => typeof p === 'string'),
    oneFileSystem: how['one-file-system'] === true,
    excludeCaches: how['exclude-caches'] === true,
    xattrs: how['xattrs'] === true,
  };
}

function record(value: Json | undefined): Readonly<Record<string, Json | undefined>> {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  return value as Readonly<Record<string, Json | undefined>>;
}
