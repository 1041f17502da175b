import { isUtf8 } from 'node:buffer';
import { toBytes, type ByteText } from './byte-text.ts';

/**
 * Glob patterns on paths relative to the source's folder: `*` and `?` within one part, `**` over any number of parts,
 * `[a-z]` and `[!a-z]`, backslash to take a character as it is; a final slash restricts a pattern to directories.
 * `*` matches names that begin with a dot. What is below an excluded directory is excluded with it.
 */
export interface Exclusion {
  readonly patterns: readonly string[];
  /** Matched by a pattern without a final slash. `key` as in the collection, its final slash is ignored. */
  matches(key: ByteText): boolean;
  /** Matched by a pattern that is for directories only. */
  matchesDirectory(key: ByteText): boolean;
}

type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly not: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** One part of a path: a plain name, tokens, or `**`. */
type Part = string | readonly Token[] | undefined;

export function createExclusion(patterns: readonly string[]): Exclusion {
  const directoryOnly = patterns.filter((p) => p.endsWith('/')).map((p) => compile(p.slice(0, -1)));
  const all = patterns.filter((p) => !p.endsWith('/')).map(compile);
  function matcher(compiled: readonly (readonly Part[])[]): (key: ByteText) => boolean {
    if (compiled.length === 0) return () => false;
    return (key) => {
      const parts = decode(key.endsWith('/') ? key.slice(0, -1) : key).split('/');
      return compiled.some((pattern) => matchParts(pattern, parts));
    };
  }
  return { patterns, matches: matcher(all), matchesDirectory: matcher(directoryOnly) };
}

/** Why a pattern cannot be used; undefined when it can. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === '' || pattern === '/') return 'the pattern is empty';
  if (pattern.includes('\0')) return 'the pattern contains a NUL';
  if (pattern.startsWith('/')) return 'patterns are relative to the folder: leave out the first slash';
  const parts = pattern.replace(/\/$/, '').split('/');
  if (parts.some((p) => p === '' || p === '.' || p === '..')) return 'the pattern has an empty part, `.` or `..`';
  return undefined;
}

function compile(pattern: string): Part[] {
  return pattern.split('/').map((part) => {
    if (part === '**') return undefined;
    const tokens = tokenize(Array.from(part));
    return tokens.every((t) => t.kind === 'char') ? tokens.map((t) => t.char).join('') : tokens;
  });
}

function tokenize(chars: readonly string[]): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    const set = char === '[' ? readSet(chars, i + 1) : undefined;
    if (set) {
      tokens.push(set.token);
      i = set.end;
    } else if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\' && i + 1 < chars.length) tokens.push({ kind: 'char', char: chars[++i] ?? '' });
    else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

/** Reads `[...]` from after its bracket; undefined when it never closes: then the bracket stands for itself. */
function readSet(chars: readonly string[], start: number): { token: Token; end: number } | undefined {
  let i = start;
  const not = chars[i] === '!' || chars[i] === '^';
  if (not) i++;
  const ranges: [number, number][] = [];
  for (let first = true; i < chars.length; first = false) {
    if (chars[i] === ']' && !first) return { token: { kind: 'set', not, ranges }, end: i };
    const [from, next] = readMember(chars, i);
    if (chars[next] === '-' && next + 1 < chars.length && chars[next + 1] !== ']') {
      const [to, after] = readMember(chars, next + 1);
      ranges.push([from, to]);
      i = after;
    } else {
      ranges.push([from, from]);
      i = next;
    }
  }
  return undefined;
}

function readMember(chars: readonly string[], at: number): [code: number, next: number] {
  const escaped = chars[at] === '\\' && at + 1 < chars.length;
  const char = chars[escaped ? at + 1 : at] ?? '';
  return [char.codePointAt(0) ?? 0, at + (escaped ? 2 : 1)];
}

/**
 * Greedy with one way back: when the rest does not fit, the last `**` takes one part more. Never more than
 * parts × pattern steps, so no pattern can be slow.
 */
function matchParts(pattern: readonly Part[], parts: readonly string[]): boolean {
  let p = 0;
  let i = 0;
  let back: { p: number; i: number } | undefined;
  while (i < parts.length) {
    if (p < pattern.length && pattern[p] === undefined) {
      // A final `**` stands for what is inside a directory, not for the directory itself: a part is left here.
      if (p === pattern.length - 1) return true;
      back = { p: ++p, i };
    } else if (p < pattern.length && matchPart(pattern[p], parts[i] ?? '')) {
      p++;
      i++;
    } else if (back) {
      p = back.p;
      i = ++back.i;
    } else return false;
  }
  return p === pattern.length;
}

function matchPart(part: Part, name: string): boolean {
  if (part === undefined) return true;
  if (typeof part === 'string') return part === name;
  let t = 0;
  let i = 0;
  let back: { t: number; i: number } | undefined;
  while (i < name.length) {
    const token = part[t];
    const code = name.codePointAt(i) ?? 0;
    const width = code > 0xffff ? 2 : 1;
    if (token?.kind === 'star') back = { t: ++t, i };
    else if (token && matchToken(token, code)) {
      t++;
      i += width;
    } else if (back) {
      t = back.t;
      back.i += (name.codePointAt(back.i) ?? 0) > 0xffff ? 2 : 1;
      i = back.i;
    } else return false;
  }
  while (part[t]?.kind === 'star') t++;
  return t === part.length;
}

function matchToken(token: Token, code: number): boolean {
  if (token.kind === 'char') return token.char.codePointAt(0) === code;
  if (token.kind === 'set') return token.ranges.some(([from, to]) => code >= from && code <= to) !== token.not;
  return true;
}

/** UTF-8 decoded; each byte that is not UTF-8 becomes a lone surrogate, so that `?` and `*` match it and no text equals it. */
function decode(key: ByteText): string {
  let ascii = true;
  for (let i = 0; i < key.length && ascii; i++) ascii = key.charCodeAt(i) < 0x80;
  if (ascii) return key;
  const bytes = toBytes(key);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const length = [1, 2, 3, 4].find((n) => i + n <= bytes.length && isUtf8(bytes.subarray(i, i + n)));
    text +=
      length === undefined ? String.fromCharCode(0xdc00 + (bytes[i] ?? 0)) : bytes.toString('utf8', i, i + length);
    i += length ?? 1;
  }
  return text;
}
