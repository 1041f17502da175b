const weekMs = 7 * 24 * 3600 * 1000;

/**
 * Whether a pack belongs to this week's share. Names of packs are digests, so they lie evenly between 0 and 1; the share
 * is a window there that moves on by its own width each week. After 1/share weeks every pack was in it.
 */
export function isInSample(pack: string, share: number, now: number): boolean {
  if (share >= 1) return true;
  if (share <= 0) return false;
  const place = Number.parseInt(pack.slice(-8), 16) / 0x100000000;
  const from = (Math.floor(now / weekMs) * share) % 1;
  return (place - from + 1) % 1 < share;
}
