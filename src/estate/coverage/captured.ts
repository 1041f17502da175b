import { resourceKey } from '../../kernel/entry.ts';
import type { Repository } from '../../repository/contract.ts';

/** The newest snapshot that holds a resource. */
export interface LastCapture {
  /** When that snapshot began: ms since the epoch. */
  readonly at: number;
  readonly whole: boolean;
}

/** Snapshots older than what counts that are still looked into, so that something left out lately is told as stale. */
const olderOnes = 20;

/** By `type/name`, of the estate's snapshots, from the newest on. `since`: ms; what began before protects nothing. */
export async function lastCaptures(
  repository: Repository,
  estate: string,
  since: number,
): Promise<ReadonlyMap<string, LastCapture>> {
  const found = new Map<string, LastCapture>();
  const { list } = await repository.snapshots();
  const own = list.filter((info) => info.estate === estate).sort((a, b) => b.startedAt - a.startedAt);
  const oldest = own.findIndex(({ startedAt }) => startedAt < since);
  for (const info of oldest === -1 ? own : own.slice(0, oldest + olderOnes)) {
    const reader = await repository.open(info);
    for await (const { ref, outcome } of reader.resources('')) {
      const key = resourceKey(ref);
      if (!found.has(key)) found.set(key, { at: info.startedAt, whole: outcome === 'complete' });
    }
  }
  return found;
}
