/**
 * Lines that were found in pages, kept within the process: a restore compares a tenant four times (the plan, once more before it
 * is applied, while it is applied, and as its proof), and each would read all pages of large tables. What a page holds never
 * changes under its content id.
 */
const mostBytes = 64 * 1024 * 1024;
/** An entry's own weight, about. */
const entryBytes = 256;

const kept = new Map<string, Buffer>();
let held = 0;

/** What was found before under this name, or what `find` finds now. The oldest are given up first. */
export async function foundLines(name: string, find: () => Promise<Buffer>): Promise<Buffer> {
  const known = kept.get(name);
  if (known) return known;
  const lines = await find();
  if (!kept.has(name)) held += lines.length + entryBytes;
  kept.set(name, lines);
  for (const [oldest, { length }] of kept) {
    if (held <= mostBytes) break;
    kept.delete(oldest);
    held -= length + entryBytes;
  }
  return lines;
}
