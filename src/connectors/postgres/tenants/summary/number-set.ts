/**
 * An ascending list of whole numbers from 0 to `range` as bits: of each the distance from the one before it, less one, by Rice's
 * code: the distance's upper part as so many ones and a zero, its lower `bits` bits as they are, the highest bit of a byte first.
 */
export interface NumberSet {
  readonly count: number;
  readonly range: number;
  readonly bits: number;
  readonly bytes: Uint8Array;
}

/** The most a set of `count` numbers takes, whatever they are. */
export function numberSetBits(count: number, range: number): number {
  const bits = riceBits(count, range);
  return count * (bits + 1) + Math.ceil((range + 1) / 2 ** bits);
}

/** Lower bits that make distances of this mean shortest, about. */
function riceBits(count: number, range: number): number {
  let bits = 0;
  for (let mean = range / Math.max(count, 1); mean >= 2; mean /= 2) bits++;
  return bits;
}

/** `numbers`: the first `count` of them ascend strictly, from 0 to `range`. */
export function encodeNumbers(numbers: Float64Array, count: number, range: number): NumberSet {
  const bits = riceBits(count, range);
  const divisor = 2 ** bits;
  const bytes = Buffer.alloc(Math.ceil(numberSetBits(count, range) / 8));
  let at = 0;
  let before = -1;
  for (let i = 0; i < count; i++) {
    const distance = (numbers[i] as number) - before - 1;
    before = numbers[i] as number;
    let upper = Math.floor(distance / divisor);
    for (; upper > 0; upper--, at++) (bytes[at >>> 3] as number) |= 0x80 >>> (at & 7);
    at++;
    let lower = distance % divisor;
    for (let bit = divisor / 2; bit >= 1; bit /= 2, at++) {
      if (lower < bit) continue;
      lower -= bit;
      (bytes[at >>> 3] as number) |= 0x80 >>> (at & 7);
    }
  }
  return { count, range, bits, bytes: bytes.subarray(0, (at + 7) >>> 3) };
}

/** Whether the set holds one of some ascending numbers: `wanted(i)` for `from ≤ i < to`. Of a set cut short: true. */
export function holdsAny(set: NumberSet, wanted: (i: number) => number, from: number, to: number): boolean {
  const { count, bits, bytes } = set;
  const end = bytes.length * 8;
  let at = 0;
  let number = -1;
  let i = from;
  for (let n = 0; n < count; n++) {
    let distance = 0;
    for (; at < end && ((bytes[at >>> 3] as number) & (0x80 >>> (at & 7))) !== 0; at++) distance++;
    at++;
    for (let bit = 0; bit < bits; bit++, at++)
      distance = distance * 2 + (((bytes[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1);
    if (at > end) return true;
    number += distance + 1;
    while (i < to && wanted(i) < number) i++;
    if (i >= to) return false;
    if (wanted(i) === number) return true;
  }
  return false;
}
