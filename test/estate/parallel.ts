/** Runs `work` for each item, at most `limit` at a time; results in the items' order. The first failure ends it. */
export async function inParallel<Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = Array.from<Result>({ length: items.length });
  const entries = items.entries();
  async function worker(): Promise<void> {
    for (const [index, item] of entries) results[index] = await work(item, index);
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** Promise.all, but it fails only when all have ended: nothing goes on behind its caller's back. */
export async function allEnded<First, Second>(
  running: readonly [Promise<First>, Promise<Second>],
): Promise<[First, Second]> {
  await Promise.allSettled(running);
  return await Promise.all(running);
}
