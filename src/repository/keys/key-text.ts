import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { concatBytes, equalBytes, utf8 } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { keyLength, publicKeyOf } from './curve25519.ts';
import type { Identity } from './slots.ts';

/** What a text can hold. The word stands in front of it, so that nobody takes one for another. */
const words = { recovery: 'holdfast-recovery-key-1', writer: 'holdfast-writer-key-1', public: 'holdfast-public-key-1' };
export type KeyTextKind = keyof typeof words;

const checksumLength = 5;
// RFC 4648 base32 in lower case: survives paper, and being read out.
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** An X25519 key pair that was made here. */
export function newIdentity(runtime: Runtime): Identity {
  return { privateKey: runtime.random.bytes(keyLength) };
}

/** The text of a private key: 32 bytes, and 32 more where it knows its repository. */
export function privateKeyText(kind: 'recovery' | 'writer', { privateKey, authority }: Identity): string {
  return encode(kind, authority ? concatBytes([privateKey, authority]) : privateKey);
}

export function publicKeyText(publicKey: Uint8Array): string {
  return encode('public', publicKey);
}

/** The public text that belongs to a private key. */
export function publicTextOf({ privateKey }: Identity): string {
  return publicKeyText(publicKeyOf('x25519', privateKey));
}

/** Throws key.invalid, naming `where` and never the key, for what is no private key of this kind. */
export function parsePrivateKey(kind: 'recovery' | 'writer', text: string, where: string): Identity {
  const bytes = decode(kind, text, where);
  if (bytes.length === keyLength) return { privateKey: bytes };
  if (bytes.length === 2 * keyLength)
    return { privateKey: bytes.subarray(0, keyLength), authority: bytes.subarray(keyLength) };
  throw invalid(where, 'it has another length');
}

export function parsePublicKey(text: string, where: string): Uint8Array {
  const bytes = decode('public', text, where);
  if (bytes.length !== keyLength) throw invalid(where, 'it has another length');
  return bytes;
}

function encode(kind: KeyTextKind, bytes: Uint8Array): string {
  const text = toBase32(concatBytes([bytes, checksum(kind, bytes)]));
  return `${words[kind]}: ${(text.match(/.{1,4}/g) ?? []).join('-')}`;
}

/** Takes the text as it may come back from paper: other lines beside it, spaces, capitals. */
function decode(kind: KeyTextKind, text: string, where: string): Uint8Array {
  const found = (Object.keys(words) as KeyTextKind[]).filter((one) => lineOf(one, text) !== undefined);
  const line = lineOf(kind, text);
  if (line === undefined) {
    const other = found[0] === undefined ? '' : `; it holds a ${found[0]} key`;
    throw invalid(where, `there is no line that begins with "${words[kind]}:"${other}`);
  }
  const bytes = fromBase32(line.replaceAll(/[\s-]/g, ''), where);
  const end = bytes.length - checksumLength;
  if (end < keyLength || !equalBytes(bytes.subarray(end), checksum(kind, bytes.subarray(0, end))))
    throw invalid(where, 'a character is wrong or missing (the checksum does not fit)');
  return bytes.subarray(0, end);
}

/** What follows the word, up to the next line that is empty, a remark or another word. */
function lineOf(kind: KeyTextKind, text: string): string | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim().toLowerCase());
  const at = lines.findIndex((line) => line.startsWith(`${words[kind]}:`));
  if (at < 0) return undefined;
  const parts = [(lines[at] as string).slice(words[kind].length + 1)];
  for (const line of lines.slice(at + 1)) {
    if (line === '' || line.startsWith('#') || line.includes(':')) break;
    parts.push(line);
  }
  return parts.join('');
}

function checksum(kind: KeyTextKind, bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(utf8(words[kind])).update(bytes).digest().subarray(0, checksumLength);
}

function toBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    held += 8;
    for (; held >= 5; held -= 5) text += alphabet.charAt((bits >> (held - 5)) & 31);
    bits &= 31;
  }
  return held === 0 ? text : text + alphabet.charAt((bits << (5 - held)) & 31);
}

function fromBase32(text: string, where: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) throw invalid(where, 'it holds a character that no key has');
    bits = ((bits << 5) | value) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes.push((bits >> held) & 255);
  }
  return Uint8Array.from(bytes);
}

function invalid(where: string, why: string): HoldfastError {
  return new HoldfastError('key.invalid', `${where} holds no key that can be used: ${why}`, { resource: where });
}
