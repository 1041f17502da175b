/** Name of the file of a segment: timeline, and number of the segment in two halves (PostgreSQL: xlog_internal.h, XLogFileName). */
export function segmentFile(timeline: number, lsn: bigint, segmentSize: number): string {
  const segment = lsn / BigInt(segmentSize);
  const perHalf = 0x100000000n / BigInt(segmentSize);
  return `${hex8(BigInt(timeline))}${hex8(segment / perHalf)}${hex8(segment % perHalf)}`;
}

/** What `segmentFile` names; undefined for what is no segment. */
export function parseSegment(
  name: string,
  segmentSize: number,
): { readonly timeline: number; readonly start: bigint } | undefined {
  const [, timeline, high, low] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? [];
  if (timeline === undefined) return undefined;
  const perHalf = 0x100000000n / BigInt(segmentSize);
  const segment = BigInt(`0x${high}`) * perHalf + BigInt(`0x${low}`);
  return { timeline: Number.parseInt(timeline, 16), start: segment * BigInt(segmentSize) };
}

/** The beginning of the segment in which a position lies. */
export function segmentStart(lsn: bigint, segmentSize: number): bigint {
  return lsn - (lsn % BigInt(segmentSize));
}

/** Name of the file that says where a timeline comes from: `00000002.history`. */
export function historyFile(timeline: number): string {
  return `${hex8(BigInt(timeline))}.history`;
}

function hex8(value: bigint): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}
