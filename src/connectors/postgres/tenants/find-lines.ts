import { HoldfastError } from '../../../kernel/errors.ts';
import { fieldHash } from './summary/field-hash.ts';
import { findField } from './summary/line-fields.ts';

/**
 * Lines of COPY's text format (PostgreSQL documentation, "COPY", "Text Format"): fields end with a tab, rows with a newline,
 * and neither occurs within a value, where both are escaped. So rows are found by bytes, without decoding them.
 */
const newline = 0x0a;
const tab = 0x09;

/** Pieces cut anywhere as blocks of whole lines. Throws item.damaged where the last one has no end. */
export async function* wholeLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const end = bytes.lastIndexOf(newline) + 1;
    if (end > 0) {
      yield rest.length === 0 ? bytes.subarray(0, end) : Buffer.concat([...rest, bytes.subarray(0, end)]);
      rest = [];
    }
    if (end < bytes.length) rest.push(Buffer.from(bytes.subarray(end)));
  }
  if (rest.length > 0) throw new HoldfastError('item.damaged', 'the last row of a page has no end');
}

/** Lines whose field number `column` (of `columns`) is `value`, as COPY writes it: looked for with both ends at once. */
export function linesWith(block: Buffer, column: number, columns: number, value: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const before = column === 0 ? newline : tab;
  const after = column === columns - 1 ? newline : tab;
  const needle = Buffer.concat([Buffer.from([before]), value, Buffer.from([after])]);
  let from = 0;
  if (column === 0 && block.subarray(0, needle.length - 1).equals(needle.subarray(1))) {
    const end = block.indexOf(newline) + 1;
    found.push(block.subarray(0, end));
    from = end - 1;
  }
  for (let hit = block.indexOf(needle, from); hit >= 0; hit = block.indexOf(needle, from)) {
    const start = column === 0 ? hit + 1 : block.lastIndexOf(newline, hit) + 1;
    if (column > 0 && tabsBetween(block, start, hit) !== column - 1) {
      from = hit + 1;
      continue;
    }
    const end = block.indexOf(newline, hit + needle.length - 1) + 1;
    found.push(block.subarray(start, end));
    // The newline that ends this line begins the next match of a first column.
    from = end - 1;
  }
  return found;
}

function tabsBetween(block: Buffer, from: number, to: number): number {
  let tabs = 0;
  for (let at = from; at < to; at++) if (block[at] === tab) tabs++;
  return tabs;
}

/**
 * Finds lines whose fields in these columns, as `fieldsOf` tells them, are among the values. Of most lines the hash of the field
 * says that it is not, without making a text of it.
 */
export function createLineFinder(columns: readonly number[], values: ReadonlySet<string>): (block: Buffer) => Buffer[] {
  const hashes = new Set<number>();
  for (const value of values) {
    const bytes = Buffer.from(value);
    hashes.add(fieldHash(bytes, 0, bytes.length));
  }
  const [column = 0] = columns;
  // Bytes that are no UTF-8 read as this character, whatever they were.
  const hashed = columns.length === 1 && ![...values].some((value) => value.includes('\ufffd'));
  const place = { from: 0, to: 0 };
  return (block) => {
    const found: Buffer[] = [];
    for (let start = 0, end = 0; start < block.length; start = end + 1) {
      end = block.indexOf(newline, start);
      if (hashed) {
        findField(block, start, end, column, place);
        if (!hashes.has(fieldHash(block, place.from, place.to))) continue;
      }
      const fields = fieldsOf(block, start, end, columns);
      if (fields !== undefined && values.has(fields)) found.push(block.subarray(start, end + 1));
    }
    return found;
  };
}

/** The lines of a block, without their ends. */
export function* eachLine(block: Buffer): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(newline, start);
    yield { start, end };
    start = end + 1;
  }
}

/** Some fields of a line as one text, as COPY wrote them, tabs between; undefined where one of them is NULL. */
export function fieldsOf(block: Buffer, start: number, end: number, columns: readonly number[]): string | undefined {
  let text = '';
  for (const [i, column] of columns.entries()) {
    const field = fieldAt(block, start, end, column);
    if (field === '\\N') return undefined;
    text = i === 0 ? field : `${text}\t${field}`;
  }
  return text;
}

function fieldAt(block: Buffer, start: number, end: number, column: number): string {
  let from = start;
  for (let passed = 0; passed < column; from++) if (block[from] === tab) passed++;
  let to = from;
  while (to < end && block[to] !== tab) to++;
  return block.toString('utf8', from, to);
}
