import { HoldfastError } from '../../../kernel/errors.ts';

/** Characters of JSON as bytes. */
export const byte = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  backslash: 0x5c,
  openList: 0x5b,
  closeList: 0x5d,
  openMap: 0x7b,
  closeMap: 0x7d,
} as const;

/** Where the next character that is no white space stands, from `at` on. */
export function skipSpace(json: Uint8Array, at: number): number {
  let next = at;
  while (isSpace(json[next])) next++;
  return next;
}

/** Behind the value that begins at `at`; what it is, is not looked at. Throws item.unreadable where it has no end. */
export function skipValue(json: Uint8Array, at: number): number {
  if (json[at] === byte.quote) return skipText(json, at);
  if (!isOpen(json[at])) return skipWord(json, at);
  let depth = 0;
  for (let next = at; next < json.length; next++) {
    const character = json[next];
    if (character === byte.quote) next = skipText(json, next) - 1;
    else if (isOpen(character)) depth++;
    else if (isClose(character) && --depth === 0) return next + 1;
  }
  throw unreadable();
}

function skipWord(json: Uint8Array, at: number): number {
  for (let next = at; next < json.length; next++) if (isEnd(json[next] as number)) return next;
  throw unreadable();
}

/** Behind the text that begins with the quote at `at`. */
export function skipText(json: Uint8Array, at: number): number {
  for (let next = at + 1; next < json.length; next++) {
    if (json[next] === byte.backslash) next++;
    else if (json[next] === byte.quote) return next + 1;
  }
  throw unreadable();
}

export function unreadable(): HoldfastError {
  return new HoldfastError('item.unreadable', 'an answer of DynamoDB is not the JSON that it documents');
}

function isSpace(character: number | undefined): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
}

function isOpen(character: number | undefined): boolean {
  return character === byte.openMap || character === byte.openList;
}

function isClose(character: number | undefined): boolean {
  return character === byte.closeMap || character === byte.closeList;
}

/** Of a number or a word. */
function isEnd(character: number): boolean {
  return character === byte.comma || isClose(character) || isSpace(character);
}
