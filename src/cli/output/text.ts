import { stripVTControlCharacters } from 'node:util';

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const zero = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Terminal columns the text takes: colours count nothing, East Asian wide characters two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (zero.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}

/** Cuts uncoloured text to `width` columns, with `…` in the middle, where names differ least. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 1) return '…'.slice(0, Math.max(0, width));
  const characters = Array.from(text);
  const head = take(characters, Math.ceil((width - 1) / 2));
  const tail = take([...characters].reverse(), Math.floor((width - 1) / 2)).reverse();
  return `${head.join('')}…${tail.join('')}`;
}

/** Cuts uncoloured text at the end. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width <= 0 ? '' : `${take(Array.from(text), width - 1).join('')}…`;
}

/**
 * Makes text from outside (names, provider messages) safe for a terminal: control characters, which could move the cursor
 * or hide lines, become `\xNN`. Tabs and line feeds stay.
 */
export function printable(text: string): string {
  let safe = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    const control = (code < 32 && code !== 9 && code !== 10) || (code >= 127 && code < 160);
    safe += control ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  }
  return safe;
}

/** The same on one line: messages of providers come with line breaks. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}

function take(characters: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += displayWidth(character);
    if (used > width) break;
    taken.push(character);
  }
  return taken;
}
