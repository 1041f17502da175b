const slots = 1024;

/**
 * Gives the same string for the same short ASCII bytes, from a table of those that came last. Undefined where a byte is not
 * ASCII.
 */
export function createKnownTexts(): (bytes: Buffer, from: number, length: number) => string | undefined {
  const known: string[] = Array.from({ length: slots }, () => '');
  return (bytes, from, length) => {
    let hash = length;
    for (let i = from; i < from + length; i++) {
      const byte = bytes[i] as number;
      if (byte > 127) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const slot = (hash ^ (hash >>> 10)) & (slots - 1);
    const text = known[slot] as string;
    if (text.length === length && isAt(bytes, from, text)) return text;
    const made = bytes.toString('latin1', from, from + length);
    known[slot] = made;
    return made;
  };
}

function isAt(bytes: Buffer, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}
