/** Values of a row as COPY's text format holds them, in the order of the columns; null is SQL's NULL. */
export type RowValues = readonly (string | null)[];

const newline = 0x0a;

/**
 * Cuts a stream into lines, without their line feeds. A line feed within a value is escaped in COPY's text format, so that
 * every line is a row. Memory: one piece of the stream and one row.
 */
export async function* copyLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let open: Buffer[] = [];
  for await (const piece of source) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let at = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, at)) {
      const rest = bytes.subarray(at, end);
      yield open.length === 0 ? rest : Buffer.concat([...open, rest]);
      if (open.length > 0) open = [];
      at = end + 1;
    }
    if (at < bytes.length) open.push(Buffer.from(bytes.subarray(at)));
  }
  if (open.length > 0) throw new RangeError('the last row has no end');
}

/** The values of a line: PostgreSQL documentation, COPY, "Text Format". */
export function parseCopyLine(line: Buffer): RowValues {
  return line.toString('utf8').split('\t').map(parseValue);
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function parseValue(text: string): string | null {
  if (text === '\\N') return null;
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[^])/g, (_, escaped: string) => {
    if (/^x./.test(escaped)) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8));
    return escapes[escaped] ?? escaped;
  });
}

/** The line, without its line feed, that COPY … FROM reads as these values. */
export function formatCopyLine(values: RowValues): string {
  return values.map((value) => (value === null ? '\\N' : value.replaceAll(/[\\\b\f\n\r\t\v]/g, escape))).join('\t');
}

function escape(character: string): string {
  if (character === '\\') return '\\\\';
  const letter = Object.keys(escapes).find((name) => escapes[name] === character);
  return `\\${letter ?? character}`;
}
