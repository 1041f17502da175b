/** One object of what pg_dump wrote, with the SQL that makes it. */
export interface Definition {
  /** `TABLE`, `FK CONSTRAINT`, `ACL`, as pg_dump names kinds. */
  readonly type: string;
  readonly schema: string;
  readonly name: string;
  readonly sql: string;
  /** Tells it from all others of the same text. */
  readonly id: string;
}

const heading = /^-- Name: (.*); Type: ([A-Z ]+); Schema: (.*); Owner: (.*)$/;
const setting = /^SET (default_tablespace|default_table_access_method) = .*;$/gm;

/**
 * Cuts a section that pg_dump wrote as text into its objects. Each begins with a comment that names it; such lines within
 * strings and bodies of functions are no beginnings. Settings that pg_dump writes between objects are told to each that
 * follows.
 */
export function splitDefinitions(text: string): Definition[] {
  const found: Definition[] = [];
  const seen = new Map<string, number>();
  const starts = topLevelComments(text).flatMap(({ from, to }) => {
    const match = heading.exec(text.slice(from, to));
    return match ? [{ from, to, match }] : [];
  });
  let settings = new Map<string, string>();
  const takeSettings = (sql: string): void => {
    settings = new Map(settings);
    for (const [line, name] of sql.matchAll(setting)) settings.set(name as string, line);
  };
  takeSettings(text.slice(0, starts[0]?.from ?? 0));
  for (const [i, { to, match }] of starts.entries()) {
    const [, name = '', type = '', schema = '', owner = ''] = match;
    const body = text.slice(to, starts[i + 1]?.from ?? text.length);
    const key = JSON.stringify([type, schema, name, type === 'DEFAULT ACL' ? owner : '']);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    const own = withoutComments(body).replaceAll(setting, '').trim();
    const sql = [
      ...(type === 'TABLE' || type === 'MATERIALIZED VIEW' || type === 'INDEX' ? settings.values() : []),
      own,
    ].join('\n');
    found.push({ type, schema, name, sql, id: nth === 1 ? key : `${key}#${nth}` });
    takeSettings(body);
  }
  return found;
}

/** Lines of `--` around headings, at the text's beginning and end. */
function withoutComments(body: string): string {
  return body.replace(/^(\s*--[^\n]*\n)+/, '').replace(/(\n--[^\n]*)+\s*$/, '');
}

/** Comments that begin with `--` and stand in no string, quoted name, dollar-quoted body or other comment. */
function topLevelComments(text: string): { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  const token =
    /--[^\n]*|\/\*|[eE]'|'|"|\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$|[A-Za-z0-9_\u0080-\uffff]+\$*/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [part] = match;
    const at = match.index;
    if (part.startsWith('--')) found.push({ from: at, to: at + part.length });
    else if (part === '/*') token.lastIndex = endOf(text, '*/', token.lastIndex);
    else if (part === '"' || part === "'") token.lastIndex = endOf(text, part, token.lastIndex);
    else if (/^[eE]'$/.test(part)) token.lastIndex = endOfEscaped(text, token.lastIndex);
    else if (part.startsWith('$')) token.lastIndex = endOf(text, part, token.lastIndex);
  }
  return found;
}

function endOf(text: string, ending: string, from: number): number {
  const end = text.indexOf(ending, from);
  return end === -1 ? text.length : end + ending.length;
}

/** Of a string in which a backslash takes the next character with it. */
function endOfEscaped(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === "'") return at + 1;
  }
  return text.length;
}
