import { createRequire } from 'node:module';
import type { ByteText } from './byte-text.ts';
import { toBytes } from './byte-text.ts';
import { fileError } from './errors.ts';

/** Extended attributes by name, values in base64. */
export type XattrMap = Readonly<Record<string, string>>;

/** Access to extended attributes, through the optional native package @napi-rs/xattr. Links are not followed. */
export interface Xattrs {
  /**
   * All attributes of a file or directory, sorted by name; undefined when it has none.
   * `unreachable` for paths that are not UTF-8: the package takes text only. Throws item errors.
   */
  read(path: ByteText): XattrMap | undefined | 'unreachable';
  /** Makes the attributes equal to `wanted`; attributes the kernel manages (security.*, trusted.*) are never removed. Throws item errors. */
  write(path: ByteText, wanted: XattrMap): void;
}

interface Binding {
  listAttributesSync(path: string): string[];
  getAttributeSync(path: string, name: string): Buffer | null;
  setAttributeSync(path: string, name: string, value: Uint8Array): void;
  removeAttributeSync(path: string, name: string): void;
}

const require = createRequire(import.meta.url);

/** Undefined where the optional package is not installed or has no binary for this machine. */
export function loadXattrs(load: () => unknown = () => require('@napi-rs/xattr') as unknown): Xattrs | undefined {
  let binding: Binding;
  try {
    binding = load() as Binding;
  } catch {
    // Any reason it cannot be loaded comes to the same: the capture says so in its ledger.
    return undefined;
  }
  return { read: (path) => read(binding, path), write: (path, wanted) => write(binding, path, wanted) };
}

/** True for attributes whose removal a restore leaves alone: labels and capabilities that the kernel or its policy sets. */
export function isManaged(name: string): boolean {
  return name.startsWith('security.') || name.startsWith('trusted.');
}

function read(binding: Binding, path: ByteText): XattrMap | undefined | 'unreachable' {
  const text = utf8Path(path);
  if (text === undefined) return 'unreachable';
  let names: string[];
  try {
    names = binding.listAttributesSync(text);
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw fileError(withErrno(error), 'read the extended attributes of', path);
  }
  if (names.length === 0) return undefined;
  const map: Record<string, string> = {};
  for (const name of names.sort()) {
    try {
      const value = binding.getAttributeSync(text, name);
      // Null: removed since it was listed.
      if (value !== null) map[name] = value.toString('base64');
    } catch (error) {
      throw fileError(withErrno(error), `read the extended attribute ${name} of`, path);
    }
  }
  return map;
}

function write(binding: Binding, path: ByteText, wanted: XattrMap): void {
  const present = read(binding, path);
  if (present === 'unreachable') return;
  const text = utf8Path(path) ?? '';
  for (const name of Object.keys(present ?? {})) {
    if (wanted[name] !== undefined || isManaged(name)) continue;
    attempt(() => binding.removeAttributeSync(text, name), `remove the extended attribute ${name} of`, path);
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (present?.[name] === value) continue;
    const bytes = Buffer.from(value, 'base64');
    attempt(() => binding.setAttributeSync(text, name, bytes), `set the extended attribute ${name} of`, path);
  }
}

function attempt(change: () => void, what: string, path: ByteText): void {
  try {
    change();
  } catch (error) {
    throw fileError(withErrno(error), what, path);
  }
}

function utf8Path(path: ByteText): string | undefined {
  let high = false;
  for (let i = 0; i < path.length && !high; i++) high = path.charCodeAt(i) > 0x7f;
  if (!high) return path;
  const bytes = toBytes(path);
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

/** The package's errors carry the number in their text only: `Operation not supported (os error 95)`. */
function osError(error: unknown): number | undefined {
  const match = /\(os error (\d+)\)/.exec(error instanceof Error ? error.message : '');
  return match ? Number(match[1]) : undefined;
}

/** ENOTSUP, ENOSYS and EOPNOTSUPP of Linux and macOS: this file system has no extended attributes. */
function isUnsupported(error: unknown): boolean {
  return [38, 45, 78, 95, 102].includes(osError(error) ?? 0);
}

const errnoNames: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  5: 'EIO',
  7: 'E2BIG',
  13: 'EACCES',
  28: 'ENOSPC',
  30: 'EROFS',
  95: 'ENOTSUP',
};

function withErrno(error: unknown): unknown {
  const number = osError(error);
  if (number === undefined) return error;
  return Object.assign(new Error(String(error), { cause: error }), { code: errnoNames[number] ?? `errno ${number}` });
}
