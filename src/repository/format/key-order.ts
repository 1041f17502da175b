/** Order of encoded keys: shorter first, then bytewise. */
export function compareKeys(a: string, b: string): number {
  if (isShortAscii(a) && isShortAscii(b)) return a.length - b.length || (a < b ? -1 : 1);
  return Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b));
}

// Up to this length a loop over ASCII costs less than calls into native code: keys, times, fingerprints.
const short = 64;

/** Whether a text is short, and as many bytes long as characters. */
export function isShortAscii(text: string): boolean {
  if (text.length > short) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Whether the bytes from `a` to `aEnd` stand before those from `b` to `bEnd`; a loop, since keys differ within the first few. */
export function ascends(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  for (let i = 0; a + i < aEnd && b + i < bEnd; i++) {
    const difference = (bytes[a + i] as number) - (bytes[b + i] as number);
    if (difference !== 0) return difference < 0;
  }
  return aEnd - a < bEnd - b;
}
