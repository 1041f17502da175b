import type { BigIntStats } from 'node:fs';
import { displayBytes, parseDisplay } from '../../kernel/bytes.ts';
import type { Attributes, EntryKind } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { byteText, toBytes, type ByteText } from './byte-text.ts';
import type { XattrMap } from './xattrs.ts';

// The file-type bits of st_mode, POSIX <sys/stat.h>; node:fs has no names for them on all platforms.
const typeMask = 0o170000;
const types: Readonly<Record<number, { readonly kind: EntryKind; readonly special?: SpecialType }>> = {
  0o040000: { kind: 'directory' },
  0o100000: { kind: 'blob' },
  0o120000: { kind: 'symlink' },
  0o010000: { kind: 'special', special: 'fifo' },
  0o140000: { kind: 'special', special: 'socket' },
  0o020000: { kind: 'special', special: 'character-device' },
  0o060000: { kind: 'special', special: 'block-device' },
};

export type SpecialType = 'fifo' | 'socket' | 'character-device' | 'block-device' | 'unknown';

export function kindOf(stat: BigIntStats): EntryKind {
  return types[Number(stat.mode) & typeMask]?.kind ?? 'special';
}

export function specialType(stat: BigIntStats): SpecialType {
  return types[Number(stat.mode) & typeMask]?.special ?? 'unknown';
}

/**
 * What an entry of `files` says about its node; `folder.json` holds the same of the folder itself.
 * `mode` is the permission bits with set-id and sticky; times are nanoseconds since the epoch as text.
 */
export interface Facts {
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mtimeNs: bigint | undefined;
  readonly xattrs: XattrMap;
  /** Symbolic links: what they say. Hard links: the key of the first link. */
  readonly target: ByteText | undefined;
  /** Names that share this file, where more than one. */
  readonly links: number | undefined;
  readonly sparse: boolean;
  readonly type: SpecialType | undefined;
  readonly rdev: bigint | undefined;
  /** A directory whose listing failed while it was captured: what is in it is unknown. */
  readonly unlisted: boolean;
}

export function nodeAttributes(stat: BigIntStats, xattrs: XattrMap | undefined): Record<string, Json> {
  const attributes: Record<string, Json> = {
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtimeNs: String(stat.mtimeNs),
  };
  if (xattrs !== undefined) attributes['xattrs'] = xattrs;
  return attributes;
}

/** Link targets and hard-link keys as attribute text: UTF-8, other bytes as `\xNN`. */
export function targetAttribute(target: Uint8Array): string {
  return displayBytes(target);
}

/** Holes: fewer blocks than bytes. Files smaller than a block are kept inside the inode by some file systems. */
export function isSparse(stat: BigIntStats): boolean {
  return stat.size >= 65_536n && stat.blocks * 512n < stat.size;
}

/** Attributes as they came from a snapshot; a fact of the wrong type counts as absent. */
export function readFacts(attributes: Attributes): Facts {
  const { target, type } = attributes;
  return {
    mode: integer(attributes['mode']),
    uid: integer(attributes['uid']),
    gid: integer(attributes['gid']),
    mtimeNs: bigInteger(attributes['mtimeNs']),
    rdev: bigInteger(attributes['rdev']),
    links: integer(attributes['links']),
    target: typeof target === 'string' ? byteText(parseDisplay(target)) : undefined,
    type: typeof type === 'string' ? (type as SpecialType) : undefined,
    xattrs: xattrMap(attributes['xattrs']),
    sparse: attributes['sparse'] === true,
    unlisted: attributes['unlisted'] === true,
  };
}

/** The bytes of a symbolic link's target, for symlink(2). */
export function targetBytes(facts: Facts): Buffer {
  return toBytes(facts.target ?? '');
}

/** Equal fingerprints mean equal content, as far as the system tells: size, mtime, ctime and inode. */
export function fingerprintOf(
  stat: BigIntStats,
  settings: { readonly ignoreCtime: boolean; readonly ignoreInode: boolean },
): string {
  const ctime = settings.ignoreCtime ? '' : stat.ctimeNs;
  return `${stat.size}/${stat.mtimeNs}/${ctime}/${settings.ignoreInode ? '' : stat.ino}`;
}

function integer(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function bigInteger(value: Json | undefined): bigint | undefined {
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

const noXattrs: XattrMap = {};

function xattrMap(value: Json | undefined): XattrMap {
  if (value === undefined) return noXattrs;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
