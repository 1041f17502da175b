const tab = 0x09;
const minus = 0x2d;
const zero = 0x30;

/** Field number `column` of a line of COPY's text format: the bytes `at.from` to `at.to`, as COPY wrote them. */
export function findField(bytes: Buffer, start: number, end: number, column: number, at: FieldPlace): void {
  let from = start;
  for (let passed = 0; passed < column; from++) if (bytes[from] === tab) passed++;
  let to = from;
  while (to < end && bytes[to] !== tab) to++;
  at.from = from;
  at.to = to;
}

export interface FieldPlace {
  from: number;
  to: number;
}

/** `\N`: COPY's NULL. */
export function isNull(bytes: Buffer, { from, to }: FieldPlace): boolean {
  return to - from === 2 && bytes[from] === 0x5c && bytes[from + 1] === 0x4e;
}

/** More of them, and doubles do not hold every number. */
const mostDigits = 15;

/** Of digits with a sign or none; undefined for anything else, and for more digits than doubles hold for sure. */
export function wholeNumber(bytes: Buffer, { from, to }: FieldPlace): number | undefined {
  const first = bytes[from] === minus ? from + 1 : from;
  if (to - first < 1 || to - first > mostDigits) return undefined;
  let number = 0;
  for (let at = first; at < to; at++) {
    const digit = (bytes[at] as number) - zero;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return first > from ? -number : number;
}
