/**
 * Which keys came by lately. SCAN gives keys again while the server's table changes its size, and those come close to each
 * other (the cursor counts in reversed bits, so the buckets that one is split into or merged of are neighbours). What
 * comes again later than that, the sink folds: of equal keys it keeps the last.
 */
export interface Seen {
  /** True when the key is new. */
  add(key: Buffer): boolean;
}

const keptKeys = 50_000;
const keptBytes = 4 * 1024 * 1024;

export function createSeen(): Seen {
  let [young, old] = [new Set<string>(), new Set<string>()];
  let bytes = 0;
  return {
    add(key) {
      const text = key.toString('latin1');
      if (young.has(text) || old.has(text)) return false;
      if (young.size >= keptKeys || bytes >= keptBytes) {
        old = young;
        young = new Set();
        bytes = 0;
      }
      young.add(text);
      bytes += text.length;
      return true;
    },
  };
}
