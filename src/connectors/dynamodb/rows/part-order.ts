/**
 * Members of an object or a set, one after the other: part `i` begins behind the comma after the one before; the text that it is
 * ordered by ends at `texts[i]`, and the part at `ends[i]`.
 */
export interface Parts {
  readonly bytes: Uint8Array;
  /** Where the bracket before the first one stands. */
  readonly begun: number;
  readonly texts: readonly number[];
  readonly ends: readonly number[];
}

export function startOf({ begun, ends }: Parts, part: number): number {
  return part === 0 ? begun + 1 : (ends[part - 1] as number) + 1;
}

/** Whether the parts, taken in this order or as they stand, ascend, no two alike. */
export function ascends(parts: Parts, order: readonly number[] | undefined): boolean {
  for (let i = 1; i < parts.ends.length; i++)
    if (compare(parts, order?.[i - 1] ?? i - 1, order?.[i] ?? i) >= 0) return false;
  return true;
}

export function sorted(parts: Parts): number[] {
  return parts.ends.map((_, part) => part).sort((a, b) => compare(parts, a, b));
}

/** Without the quotes, so that a text comes before those that begin with it. */
function compare(parts: Parts, a: number, b: number): number {
  const { bytes, texts } = parts;
  let left = startOf(parts, a) + 1;
  let right = startOf(parts, b) + 1;
  const leftEnd = (texts[a] as number) - 1;
  const rightEnd = (texts[b] as number) - 1;
  while (left < leftEnd && right < rightEnd) {
    const difference = (bytes[left++] as number) - (bytes[right++] as number);
    if (difference !== 0) return difference;
  }
  return leftEnd - left - (rightEnd - right);
}
