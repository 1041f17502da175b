import { HoldfastError } from '../kernel/errors.ts';

/** Alternatives a pattern may expand to; more is a mistake, not a pattern. */
const mostAlternatives = 1000;

type Token = { readonly any: true } | { readonly one: (character: string) => boolean };

/**
 * Compiles a name pattern: `*` any characters, `?` one, `[abc]`, `[a-z]`, `[!abc]`, `{a,b}` (may nest), `\` takes the next
 * character literally. The whole name must match; case counts; `/` and `.` are characters like any other.
 * The time to match grows with pattern × name at most. Throws usage.invalid for a bracket or brace that is never closed.
 */
export function compileGlob(pattern: string): (name: string) => boolean {
  const alternatives = expandBraces(pattern, pattern).map((plain) => tokenize(plain, pattern));
  return (name) => {
    const characters = Array.from(name);
    return alternatives.some((tokens) => matches(tokens, characters));
  };
}

/** True when one of the patterns matches the whole name. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => compileGlob(pattern)(name));
}

function expandBraces(pattern: string, whole: string): string[] {
  const open = findUnescaped(pattern, 0, '{');
  if (open === -1) return [pattern];
  const parts: string[] = [];
  let depth = 1;
  let from = open + 1;
  let at = from;
  for (; depth > 0; at++) {
    const character = pattern[at];
    if (character === undefined) throw new HoldfastError('usage.invalid', `pattern ${whole}: { is never closed`);
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === '}') depth--;
    if ((character === ',' && depth === 1) || depth === 0) {
      parts.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  const heads = pattern.slice(0, open);
  const tails = expandBraces(pattern.slice(at), whole);
  const expanded = parts.flatMap((part) =>
    expandBraces(part, whole).flatMap((inner) => tails.map((tail) => heads + inner + tail)),
  );
  if (expanded.length > mostAlternatives)
    throw new HoldfastError('usage.invalid', `pattern ${whole}: more than ${mostAlternatives} alternatives`);
  return expanded;
}

function findUnescaped(text: string, from: number, wanted: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === wanted) return i;
  }
  return -1;
}

function tokenize(pattern: string, whole: string): Token[] {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === '*') {
      if (!tokens.at(-1) || !('any' in (tokens.at(-1) as Token))) tokens.push({ any: true });
    } else if (character === '?') tokens.push({ one: () => true });
    else if (character === '[') {
      const end = closingBracket(characters, i, whole);
      tokens.push({ one: characterSet(characters.slice(i + 1, end)) });
      i = end;
    } else if (character === '\\' && i + 1 < characters.length) {
      const literal = characters[++i];
      tokens.push({ one: (c) => c === literal });
    } else tokens.push({ one: (c) => c === character });
  }
  return tokens;
}

/** `]` directly after `[` or `[!` is a member of the set, as in every shell. */
function closingBracket(characters: readonly string[], open: number, whole: string): number {
  let at = open + 1;
  if (characters[at] === '!' || characters[at] === '^') at++;
  if (characters[at] === ']') at++;
  while (at < characters.length && characters[at] !== ']') at += characters[at] === '\\' ? 2 : 1;
  if (at >= characters.length) throw new HoldfastError('usage.invalid', `pattern ${whole}: [ is never closed`);
  return at;
}

function characterSet(body: readonly string[]): (character: string) => boolean {
  const negated = body[0] === '!' || body[0] === '^';
  const ranges: (readonly [string, string])[] = [];
  for (let i = negated ? 1 : 0; i < body.length; i++) {
    if (body[i] === '\\' && i + 1 < body.length) i++;
    const low = body[i] as string;
    if (body[i + 1] === '-' && i + 2 < body.length) {
      i += body[i + 2] === '\\' && i + 3 < body.length ? 3 : 2;
      ranges.push([low, body[i] as string]);
    } else ranges.push([low, low]);
  }
  const point = (text: string): number => text.codePointAt(0) ?? 0;
  return (c) => ranges.some(([low, high]) => point(c) >= point(low) && point(c) <= point(high)) !== negated;
}

/** Goes back only to the last `*`: what an earlier one could match, the last one can match too. */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let t = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    const token = tokens[t];
    if (token && 'any' in token) {
      star = t++;
      resume = n;
    } else if (token?.one(name[n] as string)) {
      t++;
      n++;
    } else if (star !== -1) {
      t = star + 1;
      n = ++resume;
    } else return false;
  }
  while (tokens[t] && 'any' in (tokens[t] as Token)) t++;
  return t === tokens.length;
}
