import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random and are the same in every run: the AES-CTR key stream under the label's hash. */
export function bytesOf(label: string, length: number): Buffer {
  const key = createHash('sha256').update(label).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** A whole number from `least` to `most`, the same for the same label. */
export function numberOf(label: string, least: number, most: number): number {
  return least + (createHash('sha256').update(label).digest().readUInt32LE(0) % (most - least + 1));
}

export function pickOf<T>(label: string, choices: readonly [T, ...T[]]): T {
  return choices[numberOf(label, 0, choices.length - 1)] ?? choices[0];
}

const words = (
  'harbor lantern tide booking sunset cruise paddle press letter anchor ticket guest bridge coast evening morning ' +
  'dolphin captain schedule invoice refund calendar season weather kayak paper ink print page cover'
).split(' ');

/** Text that compresses like prose, of about `length` bytes. */
export function textOf(label: string, length: number): string {
  const noise = bytesOf(label, Math.ceil(length / 5));
  const parts: string[] = [];
  let made = 0;
  for (let i = 0; made < length; i++) {
    const word = words[(noise[i % noise.length] ?? 0) % words.length] ?? '';
    parts.push(word);
    made += word.length + 1;
  }
  return `${parts.join(' ')}\n`;
}

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
