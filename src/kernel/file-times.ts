/**
 * The grain in which times are compared. Node passes times to the kernel as a double of seconds and libuv cuts them to
 * microseconds (measured on Node 20, 22 and 24), so nanoseconds are captured but cannot be put back.
 */
export function timeGrain(ns: bigint): bigint {
  return ns / 1000n;
}

/** Two times that a restore cannot tell apart. */
export function sameTime(a: bigint, b: bigint): boolean {
  return timeGrain(a) === timeGrain(b);
}

/**
 * What to hand to utimes, futimes and lutimes so that the time read back has the same grain: whole seconds exactly, all
 * others in the middle of their microsecond, where neither rounding nor cutting leaves it (up to the year 2106).
 * Times before 1970 go in as text: as a negative number Node would take them for "now".
 */
export function toSeconds(ns: bigint): number | string {
  const micros = timeGrain(ns);
  if (micros % 1_000_000n === 0n) return negativeAsText(Number(micros / 1_000_000n));
  return negativeAsText((Number(micros) + (micros < 0n ? -0.5 : 0.5)) / 1e6);
}

function negativeAsText(seconds: number): number | string {
  return seconds < 0 ? String(seconds) : seconds;
}
