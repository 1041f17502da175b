import { asBuffer } from '../../kernel/bytes.ts';
import type { RedisOptions } from './options.ts';

/** What is wrong with a key pattern; undefined when it can be used. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === '') return 'a key pattern is not empty';
  try {
    compile(pattern);
    return undefined;
  } catch {
    return 'not a key pattern: a bracket is never closed, or holds nothing';
  }
}

/** Whether a key is captured: any of `include` (all where there is none), none of `exclude`. */
export function keyFilter({
  include,
  exclude,
}: Pick<RedisOptions, 'include' | 'exclude'>): (key: Uint8Array) => boolean {
  if (include.length === 0 && exclude.length === 0) return () => true;
  const [wanted, unwanted] = [include.map(compile), exclude.map(compile)];
  return (key) => {
    const text = asBuffer(key).toString('latin1');
    return (wanted.length === 0 || wanted.some((one) => one.test(text))) && !unwanted.some((one) => one.test(text));
  };
}

/** Patterns as `KEYS` takes them, on bytes: a key is matched as Latin-1 text of its bytes, the pattern as that of its UTF-8. */
function compile(pattern: string): RegExp {
  const text = Buffer.from(pattern, 'utf8').toString('latin1');
  let source = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '\\' && at + 1 < text.length) source += literal(text[++at] as string);
    else if (character === '[') {
      const end = endOfSet(text, at + 1);
      source += set(text.slice(at + 1, end));
      at = end;
    } else source += literal(character);
  }
  return new RegExp(`^${source}$`, 's');
}

function endOfSet(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ']') return at;
  }
  throw new Error('a bracket is never closed');
}

function set(inner: string): string {
  const negated = inner.startsWith('^');
  const body = negated ? inner.slice(1) : inner;
  if (body === '') throw new Error('an empty set');
  const members = body.replace(/\\(.)|[\]^[]/gs, (whole, escaped: string | undefined) => literal(escaped ?? whole));
  return `[${negated ? '^' : ''}${members}]`;
}

function literal(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
