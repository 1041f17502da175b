/**
 * V8 of Node 24 and 26 reads a property's name with an escape in it as another name that an object before it had, where that
 * one is how the escaped one begins: "\n" as "\\" (https://github.com/nodejs/node/issues/63785). Items of tables and settings of
 * functions have any names, and the SDK reads its answers so, too: where this Node does it, JSON.parse is replaced by one that does not.
 * Called once, at the start of a process.
 */
export function mendJsonParse(): void {
  if (misreadsNames()) JSON.parse = carefully(JSON.parse.bind(JSON));
}

/** The shortest case: a name that is a backslash, then one that begins with its escape. */
export function misreadsNames(): boolean {
  JSON.parse(String.raw`{"h":[],"\\":0}`);
  return Object.keys(JSON.parse(String.raw`{"h":1,"\"":2}`) as object)[1] !== '"';
}

type Parse = typeof JSON.parse;
type Reviver = Parameters<Parse>[1];

/** A name with an escape in it. Between two strings there is no backslash, so that a match begins where a string does. */
const escapedName = /(?<!\\)("[^"\\]*(?:\\.[^"\\]*)+")(\s*:)/gs;

/** Texts without such names go to `parse` as they are; in others each of these names stands for itself only afterwards. */
export function carefully(parse: Parse): Parse {
  return (input: unknown, reviver?: Reviver): unknown => {
    // A buffer may come as well.
    const text = String(input);
    if (!text.includes('\\')) return parse(text, reviver) as unknown;
    const names: string[] = [];
    const mark = markNotIn(text);
    const safe = text.replace(escapedName, (_, name: string, colon: string) => {
      // A text by itself is read well.
      names.push(parse(name) as string);
      return `"${mark}${names.length - 1}"${colon}`;
    });
    if (names.length === 0) return parse(text, reviver) as unknown;
    const nameOf = (key: string): string =>
      key.startsWith(mark) ? (names[Number(key.slice(mark.length))] ?? key) : key;
    return parse(safe, function revive(this: unknown, key: string, value: unknown, ...context: unknown[]) {
      const named = withNames(value, mark, nameOf);
      if (!reviver) return named;
      return (reviver as (...all: unknown[]) => unknown).call(this, nameOf(key), named, ...context);
    }) as unknown;
  };
}

function withNames(value: unknown, mark: string, nameOf: (key: string) => string): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (!entries.some(([key]) => key.startsWith(mark))) return value;
  // Names may be `__proto__`: this defines properties, where an assignment would not.
  return Object.fromEntries(entries.map(([key, inner]) => [nameOf(key), inner as unknown]));
}

function markNotIn(text: string): string {
  let mark = '\u{e000}';
  while (text.includes(mark)) mark += '\u{e000}';
  return mark;
}
