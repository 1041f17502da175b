import { asBuffer } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { Json } from '../../kernel/json.ts';
import type { Connection } from './connection.ts';
import { collectionOf, databaseOf } from './key-entry.ts';
import { keyFilter } from './patterns.ts';
import { scanKeys } from './scan.ts';
import { serverFile } from './settings.ts';
import { keyCollections, type RestoreJob } from './target.ts';

const lookUpsAtOnce = 32;

/** What a capture looked at: only that can be missing from a snapshot. */
interface Covered {
  database(database: number): boolean;
  key(key: Uint8Array): boolean;
}

/** By the options now and by those of the capture: what either leaves out is never deleted. */
async function coveredBy({ context, captured }: RestoreJob): Promise<Covered> {
  const then = (await captured.json('', serverFile)) as Readonly<Record<string, Json | undefined>> | undefined;
  const texts = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : []);
  const databases = Array.isArray(then?.['databases']) ? then['databases'].map(Number) : undefined;
  const { options } = context;
  const filters = [
    keyFilter(options),
    keyFilter({ include: texts(then?.['include']), exclude: texts(then?.['exclude']) }),
  ];
  return {
    database: (database) => (options.databases?.includes(database) ?? true) && (databases?.includes(database) ?? true),
    key: (key) => filters.every((filter) => filter(key)),
  };
}

/** Databases in which something may be to delete: those captured, and those that have keys at the target only. */
export async function databasesAtTarget(job: RestoreJob): Promise<number[]> {
  const { context, servers } = job;
  const covered = await coveredBy(job);
  const captured = keyCollections(job).map((name) => databaseOf(name) ?? 0);
  if (context.only) return captured;
  const live = servers.info.isCluster ? [0] : [...servers.info.keys.keys()];
  return [...new Set([...captured, ...live])].filter((database) => covered.database(database)).sort((a, b) => a - b);
}

/** Keys of the target that the snapshot does not hold, a page at a time; memory holds the page. Some may come twice. */
export async function* extraKeys(
  job: RestoreJob,
  database: number,
  primaries: readonly Connection[] = job.router.primaries(),
): AsyncGenerator<readonly Buffer[]> {
  const { captured, context } = job;
  const covered = await coveredBy(job);
  const prefix = asBuffer(context.only?.prefix ?? Buffer.alloc(0));
  const collection = collectionOf(database);
  for (const connection of primaries) {
    await connection.select(database);
    for await (const keys of scanKeys(connection)) {
      const candidates = keys.filter((key) => covered.key(key) && key.subarray(0, prefix.length).equals(prefix));
      const extra: Buffer[] = [];
      await forEachConcurrent(candidates, lookUpsAtOnce, async (key) => {
        if ((await captured.entry(collection, key)) === undefined) extra.push(key);
      });
      if (extra.length > 0) yield extra;
      await connection.select(database);
    }
  }
}
