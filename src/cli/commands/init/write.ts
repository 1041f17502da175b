import { asBuffer } from '../../../kernel/bytes.ts';
import type { RandomSource } from '../../../kernel/runtime.ts';

/** 160 bits as eight groups of letters and digits that are not mistaken for each other (RFC 4648 base32, in lower case). */
export function generatePassphrase(random: RandomSource): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = 0n;
  for (const byte of asBuffer(random.bytes(20))) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 32; i++) {
    text = `${alphabet.charAt(Number(bits & 31n))}${text}`;
    bits >>= 5n;
  }
  return (text.match(/.{4}/g) ?? [text]).join('-');
}
