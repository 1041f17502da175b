import { asBuffer, displayBytes } from '../../kernel/bytes.ts';

/**
 * A path or name of the file system as a string with one character per byte (latin1). File names need not be UTF-8;
 * this keeps every byte, takes a third of a Buffer's memory, and `<` compares it in byte order.
 */
export type ByteText = string;

export function byteText(bytes: Uint8Array): ByteText {
  return asBuffer(bytes).toString('latin1');
}

export function toBytes(text: ByteText): Buffer {
  return Buffer.from(text, 'latin1');
}

/** For messages: UTF-8 where it is UTF-8, other bytes as `\xNN`. */
export function showText(text: ByteText): string {
  return displayBytes(toBytes(text));
}

/** The absolute path of a key below `root` (a ByteText without a final slash; '' is the file system's root). */
export function pathOf(root: ByteText, key: ByteText): ByteText {
  return `${root}/${key.endsWith('/') ? key.slice(0, -1) : key}`;
}

/** The key of the directory that holds `key`, with its final slash; '' for entries at the top. */
export function parentKey(key: ByteText): ByteText {
  return key.slice(0, key.lastIndexOf('/', key.length - 2) + 1);
}
